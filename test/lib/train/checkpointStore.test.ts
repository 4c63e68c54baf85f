/** Stores for checkpoints in Node: a folder and memory. A browser's is tested in test/browser. */
import { join } from 'node:path';
import t from 'tap';
import { folderStore, memoryStore, opfsStore } from '../../../lib/train/index.js';
import { findings, useStore } from './useStore.js';

t.test('a folder, made by the first file, and memory keep files by name', async (t) => {
  t.same(await useStore(folderStore(join(t.testdir({}), 'runs', 'one'))), findings);
  t.same(await useStore(memoryStore()), findings);
});

t.test("outside of a browser, the store of a page's own files says what it takes", async (t) => {
  t.match(await opfsStore('runs'), { _tag: 'Left', left: /^a page has files of its own in a browser with/ });
});
