/**
 * Counting the bytes that a program's tensors take at once: kernels make them, scopes free them, and those that only look
 * at another's data take none.
 */
import { util } from '@tensorflow/tfjs-core';
import type { KernelCall } from '../engine/withoutData.js';

/** Kernels whose result is the same data under another shape. */
const views: readonly string[] = ['Identity', 'Reshape', 'ExpandDims'];

/** What several tensors share. */
interface Storage {
  readonly bytes: number;
  owners: number;
}

/** Counts from kernels and frees; `peak` is the most so far. */
export const liveBytes = () => {
  const storages = new WeakMap<object, Storage>();
  let [live, most] = [0, 0];
  const share = (dataId: object, storage: Storage): void => {
    storage.owners += 1;
    storages.set(dataId, storage);
  };
  const onKernel = ({ kernel, inputs, outputs }: KernelCall): void => {
    const viewed = views.includes(kernel) ? Object.values(inputs)[0].dataId : undefined;
    for (const { dataId, shape, dtype } of outputs) {
      // A view of what was not counted, a weight or an input, counts nothing either.
      const shared = viewed && (storages.get(viewed) ?? { bytes: 0, owners: 0 });
      const storage = shared ?? {
        bytes: util.sizeFromShape(shape) * util.bytesPerElement(dtype),
        owners: 0,
      };
      share(dataId, storage);
      if (!shared) live += storage.bytes;
    }
    most = Math.max(most, live);
  };
  const onFree = (dataId: object): void => {
    const storage = storages.get(dataId);
    if (!storage) return;
    storages.delete(dataId);
    storage.owners -= 1;
    if (storage.owners === 0) live -= storage.bytes;
  };
  return { onKernel, onFree, peak: (): number => most };
};
