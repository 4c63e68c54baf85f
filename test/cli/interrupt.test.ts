/** Work that is told to stop by a signal or by an output that is gone: it ends its way, and the program has a status for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { startNode } from '../child.js';
import { root } from '../project.js';

const url = (path: string): string => JSON.stringify(pathToFileURL(join(root, 'dist', path)));

/** Prints until it is told to stop, then saves; sends itself a signal if one is given. */
const program = `
import { writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { interruptible } from ${url('cli/interrupt.js')};
import { reliableConsole } from ${url('cli/print.js')};
const console = reliableConsole();
const [how] = process.argv.slice(1);
const work = async (signal) => {
  if (how.startsWith('SIG')) process.kill(process.pid, how);
  while (!signal.aborted) {
    console.log('a line');
    await setImmediate();
  }
  console.log('the last line');
  writeFileSync('saved', '');
};
await (how === 'plain' ? work({ aborted: false }) : interruptible(work, 'the run saves and ends'));
`;

const args = ['--input-type=module', '-e', program];

t.test('work whose reader is gone saves, and its status is not that of work that is done', async (t) => {
  const folder = t.testdir();
  const child = startNode(folder, {}, ...args, 'work');
  child.stdout.once('data', () => child.stdout.destroy());
  const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  t.equal(status, 141);
  t.ok(existsSync(join(folder, 'saved')));
  t.equal(said, 'renga: the output is gone: the run saves and ends\n');
});

t.test('a program without such work ends quietly where its reader is gone', async (t) => {
  const child = startNode(t.testdir(), {}, ...args, 'plain');
  child.stdout.once('data', () => child.stdout.destroy());
  const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  t.equal(status, 0);
  t.equal(said, '');
});

t.test('work whose output has no room saves, says so once, and fails', async (t) => {
  if (!existsSync('/dev/full')) return;
  const folder = t.testdir();
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [...args, 'work'], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', full, 'pipe'],
  });
  const [said, [status]] = await Promise.all([text(child.stderr!), once(child, 'close')]);
  closeSync(full);
  t.equal(status, 1);
  t.ok(existsSync(join(folder, 'saved')));
  t.equal(
    said,
    'renga: the standard output: found no space left on the disk\nrenga: the output is gone: the run saves and ends\n',
  );
});

t.test('Ctrl-C is answered at once, and the program ends by its signal', async (t) => {
  const folder = t.testdir();
  const child = startNode(folder, {}, ...args, 'SIGINT');
  const [said, printed, [, signal]] = await Promise.all([
    text(child.stderr),
    text(child.stdout),
    once(child, 'close'),
  ]);
  t.equal(signal, 'SIGINT');
  t.ok(existsSync(join(folder, 'saved')));
  t.match(printed, /the last line\n$/);
  t.equal(said, 'renga: Ctrl-C: the run saves and ends; a second one ends the program at once, unsaved\n');
});
