/** The folder of a run is looked at before anything is read or computed. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { expectPlace } from '../../../cli/training/runFolder.js';

t.test('a folder with what a new run would write over is refused, and one without is taken', async (t) => {
  const folder = t.testdir({
    weights: { 'weights.safetensors': '', 'best.safetensors': '' },
    log: { 'log.jsonl': '{"kind":"started"}\n{"kind":"saved","step":9}\n' },
    // Of runs that ended before they saved anything, or that go on.
    begun: { 'log.jsonl': '{"kind":"started"}\n', 'config.json': '{}' },
    whole: { 'weights.safetensors': '', 'step-00000009.safetensors': '' },
    blocked: { 'log.jsonl': {} },
    file: '',
  });
  const place = (name: string, how: { resume?: boolean; dryRun?: boolean } = {}) =>
    expectPlace(join(folder, name), how);
  await t.rejects(
    place('weights'),
    /found weights\.safetensors, best\.safetensors of another run, .* expected nothing/,
  );
  await t.rejects(place('log'), /found log\.jsonl of another run/);
  await t.rejects(place('weights', { resume: true }), /found no checkpoint, expected one to go on from/);
  await t.rejects(place('blocked'), /log\.jsonl: found a folder, expected nothing or a file/);
  symlinkSync('nothing', join(folder, 'link'));
  await t.rejects(place('link'), /--out is '.*link', expected a folder: .*link is a link to nothing/);
  await t.rejects(place('file'), /expected a folder: .*file is a file/);
  await t.rejects(place('file/run'), /expected a folder: .*file is a file/);
  for (const name of ['begun', 'whole', 'new']) await t.resolves(place(name));
  await t.resolves(place('whole', { resume: true }));
  await t.resolves(place('weights', { dryRun: true }));
});
