/** Temporary folders: gone at the end, when a program is interrupted, and after one that was killed. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { nodeBeside } from '../child.js';
import { root } from '../project.js';

const url = (path: string): string => JSON.stringify(pathToFileURL(join(root, 'dist', path)));

/** Writes to a temporary folder, sends itself a signal if one is given, and waits for work that never ends. */
const program = `
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unlessInterrupted } from ${url('cli/interrupt.js')};
import { withTemporaryFolder } from ${url('cli/temporaryFolder.js')};
const [signal] = process.argv.slice(1);
await withTemporaryFolder('renga-test', async (folder, aborted) => {
  writeFileSync(join(folder, 'file'), 'text');
  if (signal === undefined) return;
  process.kill(process.pid, signal);
  await unlessInterrupted(aborted, new Promise(() => setTimeout(() => undefined, 1000)));
}).catch(({ message }) => console.log(message));
`;

t.test(
  'a temporary folder is removed, also where the program is interrupted or the last one was killed',
  async (t) => {
    const folder = t.testdir();
    const run = (...signal: readonly string[]) =>
      nodeBeside(folder, { TMPDIR: folder, TEMP: folder }, '--input-type=module', '-e', program, ...signal);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      t.match(await run(signal), { status: null, stdout: 'interrupted\n' });
      t.same(readdirSync(folder), []);
    }
    await run('SIGKILL');
    t.equal(readdirSync(folder).length, 1);
    t.match(await run(), { status: 0 });
    t.same(readdirSync(folder), []);
  },
);
