/** Stores for checkpoints in Node: a folder and memory. A browser's is tested in test/browser. */
import { join } from 'node:path';
import t from 'tap';
import { folderStore, jsonLines, memoryStore, opfsStore } from '../../../lib/train/index.js';
import { findings, useStore } from './useStore.js';

t.test('a folder, made by the first file, and memory keep files by name', async (t) => {
  t.same(await useStore(folderStore(join(t.testdir({}), 'runs', 'one'))), findings);
  t.same(await useStore(memoryStore()), findings);
});

t.test("outside of a browser, the store of a page's own files says what it takes", async (t) => {
  t.match(await opfsStore('runs'), { _tag: 'Left', left: /^a page has files of its own in a browser with/ });
});

t.test('what the file system refuses a store or a log is told with the file', async (t) => {
  const folder = t.testdir({ file: '', taken: { 'log.jsonl': {} } });
  const store = folderStore(join(folder, 'file'));
  await t.rejects(store.write('a', Uint8Array.of(1)), {
    message: `${join(folder, 'file', 'a')}: found a file of this name, expected a place for a file`,
  });
  await t.rejects(store.list(), {
    message: `${join(folder, 'file')}: found a part of the path that is not a directory, expected a folder that can be read`,
  });
  await t.rejects(store.read('a'), /a: found a part of the path that is not a directory/);
  const log = jsonLines(join(folder, 'taken', 'log.jsonl'));
  await t.rejects(
    log({ kind: 'saved', step: 1, name: 'a' }),
    /log\.jsonl: found a directory, expected a place for a file/,
  );
});
