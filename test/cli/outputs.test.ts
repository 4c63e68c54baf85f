/** Endings of outputs: those that a command writes, and no others. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { UsageError } from '../../cli/failure.js';
import { expectEnding, expectFolder } from '../../cli/outputs.js';
import { complaintOf, rengaInTurn } from './run.js';

const refused = (message: string) => ({ name: 'UsageError', message, status: 2 }) as unknown as UsageError;

t.test('a file must end as it is written; the standard output has no ending', (t) => {
  for (const path of ['a.png', 'a.PNG', '-', '/dev/stdout'])
    t.doesNotThrow(() => expectEnding('--out', path, '.png'));
  t.throws(
    () => expectEnding('--out', 'o.jpg', '.png'),
    refused("--out is 'o.jpg', expected a file that ends in .png"),
  );
  t.throws(
    () => expectEnding('--out', 'o', '.png'),
    refused("--out is 'o', expected a file that ends in .png"),
  );
  t.end();
});

t.test('a folder has no ending, unless it is there or is written with a slash', (t) => {
  const folder = t.testdir();
  mkdirSync(join(folder, 'there.mp4'));
  for (const path of ['frames', 'runs/lr0.01', 'decoded.v2', 'a.mp4/', join(folder, 'there.mp4'), 'o.gif'])
    t.doesNotThrow(() => expectFolder('--out', path, '.gif'), path);
  t.throws(
    () => expectFolder('--out', 'o.mp4', '.gif'),
    refused(
      "--out is 'o.mp4', expected a folder, or a file that ends in .gif; a folder whose name has an ending is written with a / after it",
    ),
  );
  t.end();
});

t.test('every command that writes refuses other endings before the work, with status 2', async (t) => {
  const folder = t.testdir({ 'a.png': '', 'model.mjs': '' });
  const calls: readonly (readonly string[])[] = [
    ['flow', 'a.png', 'a.png', '--seed', '1', '--out', 'o.jpg'],
    ['flow', 'a.png', 'a.png', '--seed', '1', '--out', 'o.png', '--npz', 'o.npy'],
    ['autoencode', 'a.gif', '--seed', '1', '--out', 'o.mp4'],
    ['autoencode', 'a.gif', '--seed', '1', '--out', 'o.gif', '--out-sound', 'o.mp3'],
    ['attend', 'digits', 'a.png', '--out', 'o.jpg'],
    ['export', 'digits', '--out', 'o.pb'],
    ['init', 'digits', '--seed', '1', '--out', 'o.h5'],
    ['docs', 'digits', '--out', 'o.html'],
    ['train', 'digits', '--out', 'o.pickle'],
    ['plot', 'run', '--out', 'o.png'],
  ];
  const inTurn = rengaInTurn(t, folder);
  for (const call of calls) {
    const result = await inTurn(...call);
    t.match(
      complaintOf(result),
      /^(--[a-z-]+ is 'o\.\w+', expected a f|o\.h5: no format is known)/,
      call.join(' '),
    );
    t.equal(result.status, 2);
  }
});
