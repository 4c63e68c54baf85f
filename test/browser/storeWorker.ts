/** A program for a worker: uses the store of a page's own files, as its messages ask. */
import * as E from 'fp-ts/lib/Either.js';
import { opfsStore } from '../../lib/train/opfsStore.js';
import { useStore } from '../lib/train/useStore.js';

const opened = async (folder = 'runs/one') => {
  const store = await opfsStore(folder);
  if (E.isLeft(store)) throw new Error(store.left);
  return store.right;
};

const tasks = {
  reason: async () => {
    const store = await opfsStore('runs');
    return E.isLeft(store) ? store.left : undefined;
  },
  use: async () => useStore(await opened('used')),
  write: async (length: number, value: number) => {
    const store = await opened();
    const bytes = new Uint8Array(length).fill(value);
    postMessage('writes');
    await store.write('weights', bytes);
    return 'wrote';
  },
  /** The names, the length, and the different bytes of the file. */
  read: async () => {
    const store = await opened();
    const bytes = await store.read('weights');
    return { names: await store.list(), length: bytes.length, values: [...new Set(bytes)] };
  },
};

export type Task = keyof typeof tasks;

onmessage = ({ data }: MessageEvent<readonly [Task, ...number[]]>) => {
  const [task, ...numbers] = data;
  (tasks[task] as (...numbers: number[]) => Promise<unknown>)(...numbers).then(
    (result) => postMessage({ result }),
    (error: unknown) => postMessage({ error: String(error) }),
  );
};
