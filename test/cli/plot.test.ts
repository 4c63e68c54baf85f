/** `renga plot` of logs that are none, and of one with a damaged line. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { complaintOf, renga } from './run.js';

const event = (step: number): string => JSON.stringify({ kind: 'step', step, metrics: { loss: 1 / step } });

t.test('a log that cannot be drawn is named, with what was found', async (t) => {
  const folder = t.testdir({
    ...{ empty: { 'log.jsonl': '' }, other: { 'log.jsonl': 'no event\n' }, taken: { 'log.jsonl': {} } },
    ...{ file: '', place: { 'log.jsonl': `${event(1)}\n`, 'curves.svg': {} } },
  });
  for (const [run, message] of [
    ['none', /found no such file or directory, expected a file that can be read/],
    ['empty', /found an empty file, expected lines of a run's events/],
    ['other', /found no step and no evaluation, expected lines of a run's events/],
    ['taken', /log\.jsonl: found a directory, expected a file/],
    [join('file', 'run'), /found a part of the path that is not a directory, expected a file/],
    ['place', /curves\.svg: found (is )?a directory, expected a place for a file/],
  ] as const)
    t.match(complaintOf(renga(folder, 'plot', run)), message, run);
});

t.test('damaged lines are left out and counted; the last one may have broken off', async (t) => {
  const lines = [event(1), '{"kind":"st', event(2), event(3), '{"ki'].join('\n');
  const folder = t.testdir({ run: { 'log.jsonl': lines } });
  const { status, stderr } = renga(folder, 'plot', 'run');
  t.equal(status, 0);
  t.match(stderr, /run.log\.jsonl: left out 1 damaged line, the first at line 2/);
  t.ok(existsSync(join(folder, 'run', 'curves.svg')));
});
