/** Errors of files: refused within, a left without. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import {
  aFile,
  blame,
  errorsOf,
  inFile,
  messageOf,
  reasonOf,
  refuse,
  refuseFile,
  showFileError,
  showSystemError,
} from '../../../lib/files/error.js';

t.test('an error says where and what, and cannot speak to the terminal', async (t) => {
  t.equal(
    showFileError({ kind: 'npy', offset: 7, problem: 'too short', entry: 'a "b"' }),
    'at byte 7 of entry "a \\"b\\"": too short',
  );
  t.equal(
    showFileError({ kind: 'zip', offset: 7, problem: 'damaged', entry: 'n'.repeat(65_535) }),
    `at byte 7 of entry "${'n'.repeat(200)}…": damaged`,
  );
  t.equal(
    showFileError({ kind: 'io', path: 'a\u001b[31m.npz', problem: 'no permission' }),
    'a\\u001b[31m.npz: no permission',
  );
});

t.test('an attempt gives the result or the error that was refused, and lets mistakes through', async (t) => {
  const { attempt, refuse } = errorsOf<{ kind: 'odd'; n: number }>(({ n }) => `odd ${n}`);
  t.strictSame(
    attempt(() => 1),
    E.right(1),
  );
  t.strictSame(
    attempt(() => refuse({ kind: 'odd', n: 3 })),
    E.left({ kind: 'odd', n: 3 }),
  );
  t.throws(() => attempt(() => [].reduce((a) => a)), TypeError);
  t.throws(() => refuse({ kind: 'odd', n: 3 }), { message: 'odd 3' });
});

t.test('work on a file gives its errors the path of the file', async (t) => {
  const result = (run: () => Promise<unknown>) => inFile('here', run)();
  t.strictSame(await result(async () => 1), E.right(1));
  t.strictSame(
    await result(async () => refuseFile('odd')),
    E.left({ kind: 'io', path: 'here', problem: 'odd' }),
  );
  t.strictSame(
    await result(async () => refuseFile('odd', 'there')),
    E.left({ kind: 'io', path: 'there', problem: 'odd' }),
  );
  const zip = { kind: 'zip', offset: 1, problem: 'odd' };
  t.strictSame(await result(async () => refuse(zip)), E.left(zip));
  const full = Object.assign(new Error('ENOSPC: …'), { code: 'ENOSPC' });
  t.strictSame(
    await result(async () => {
      throw full;
    }),
    E.left({ kind: 'io', path: 'here', problem: 'no space left on the disk', expected: aFile }),
  );
  await t.rejects(
    result(async () => {
      throw new TypeError('a mistake');
    }),
    { message: 'a mistake' },
  );
  t.equal(reasonOf(full), 'no space left on the disk');
  t.equal(reasonOf(new TypeError('a mistake')), undefined);
  t.throws(() => blame('here', full), {
    message: 'here: found no space left on the disk, expected a file that can be read',
  });
});

t.test('what the system refused is told in words, with its path', async (t) => {
  const folder = t.testdir({ file: 'text', folder: {} });
  const refused = async (path: string): Promise<unknown> =>
    readFile(join(folder, path)).catch((error) => error);
  for (const [path, words] of [
    ['none', 'found no such file or directory'],
    ['folder', 'found a directory'],
    [join('file', 'none'), 'found a part of the path that is not a directory'],
    ['n'.repeat(300), 'found a name that is too long'],
  ] as const)
    t.equal(messageOf(await refused(path)).replace(/^.*: /, ''), words);
  t.equal(messageOf(await refused('none')), `${join(folder, 'none')}: found no such file or directory`);
  const odd = Object.assign(new Error("EPROTO: protocol error, read 'a'"), {
    code: 'EPROTO',
    syscall: 'read',
  });
  t.equal(showSystemError(odd), 'the system: found protocol error');
  t.equal(showSystemError(new Error('another')), undefined);
  t.same([messageOf(new Error('another')), messageOf('thrown')], ['another', 'thrown']);
});
