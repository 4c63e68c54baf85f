/**
 * A use of a store for checkpoints, and its findings, which are the same for every store. It runs in Node and in a
 * browser's worker.
 */
import { checkpointsIn, type CheckpointStore, saveIn } from '../../../lib/train/checkpointStore.js';

const rejects = (promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => false,
    () => true,
  );

/** Uses an empty store. */
export const useStore = async (store: CheckpointStore): Promise<Readonly<Record<string, unknown>>> => {
  const names = async () => [...(await store.list())].sort();
  const bytes = async (name: string) => [...(await store.read(name))];
  const empty = await names();
  // A part of a larger buffer.
  await store.write('a.json', new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4));
  const first = await bytes('a.json');
  await store.write('a.json', new Uint8Array([4]));
  const replaced = await bytes('a.json');
  await Promise.all([5, 6, 7].map((value) => store.write(`b${value}`, new Uint8Array(value).fill(value))));
  const several = [await names(), await bytes('b6')];
  for (const name of ['a.json', 'b5', 'b6', 'b7', 'b7']) await store.remove(name);
  const removed = [await names(), await rejects(store.read('a.json'))];
  for (const step of [8, 9, 10]) await saveIn(store, step, new Uint8Array(step));
  return { empty, first, replaced, several, removed, kept: await checkpointsIn(store) };
};

export const findings = {
  empty: [],
  first: [1, 2, 3],
  replaced: [4],
  several: [
    ['a.json', 'b5', 'b6', 'b7'],
    [6, 6, 6, 6, 6, 6],
  ],
  removed: [[], true],
  kept: ['step-00000010.safetensors', 'step-00000009.safetensors'],
};
