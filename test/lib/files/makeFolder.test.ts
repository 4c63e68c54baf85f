/** Folders with those above them. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { messageOf } from '../../../lib/files/error.js';
import { makeFolder } from '../../../lib/files/makeFolder.js';

t.test('folders above are made, and one that is there is left', async (t) => {
  const place = join(t.testdir(), 'a', 'b', 'c');
  await Promise.all([makeFolder(place), makeFolder(place), makeFolder(join(place, 'd'))]);
  await makeFolder(place);
  t.ok(statSync(join(place, 'd')).isDirectory());
});

t.test('a file in the way is an error, and so is a folder that takes no new one', async (t) => {
  const folder = t.testdir({ file: '' });
  await t.rejects(makeFolder(join(folder, 'file')), { code: 'EEXIST' });
  await t.rejects(makeFolder(join(folder, 'file', 'a')), { code: 'ENOTDIR' });
  if (process.platform !== 'linux') return;
  const message = await makeFolder('/proc/renga/a').then(() => '', messageOf);
  t.match(message, '/proc/renga: found /proc, which takes no new folder');
});
