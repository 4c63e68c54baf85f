/**
 * Counting the bytes that a program's tensors take at once: kernels make them, scopes free them, and those that only look
 * at another's data take none.
 */
import { util } from '@tensorflow/tfjs-core';
import type { KernelCall } from '../engine/index.js';

/** Kernels whose result is the same data under another shape. */
const views: readonly string[] = ['Identity', 'Reshape', 'ExpandDims'];

/** Bytes that attention takes for its scores and their softmax, where it holds all of them. */
const scoreBytes = ({ kernel, inputs, attrs }: KernelCall): number => {
  if (kernel !== 'RengaAttention') return 0;
  const [q, k] = ['q', 'k'].map(
    (name) => Object.values(inputs)[(attrs.given as string[]).indexOf(name)].shape,
  );
  const [B, T, H] = q;
  return 2 * 4 * B * H * T * k[1];
};

/** Most bytes at once. */
export interface PeakBytes {
  /** Attention holding a tile of its scores at a time. */
  readonly tiled: number;
  /** Attention holding all of them. */
  readonly untiled: number;
}

/** The memory that several tensors share. */
interface Storage {
  readonly bytes: number;
  owners: number;
}

/** Counts from kernels and frees; `peak` is the most so far. */
export const liveBytes = () => {
  const storages = new WeakMap<object, Storage>();
  let live = 0;
  let most: PeakBytes = { tiled: 0, untiled: 0 };
  const share = (dataId: object, storage: Storage): void => {
    storage.owners += 1;
    storages.set(dataId, storage);
  };
  const onKernel = (call: KernelCall): void => {
    const { kernel, inputs, outputs } = call;
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
    most = {
      tiled: Math.max(most.tiled, live),
      untiled: Math.max(most.untiled, live + scoreBytes(call)),
    };
  };
  const onFree = (dataId: object): void => {
    const storage = storages.get(dataId);
    if (!storage) return;
    storages.delete(dataId);
    storage.owners -= 1;
    if (storage.owners === 0) live -= storage.bytes;
  };
  return { onKernel, onFree, peak: (): PeakBytes => most };
};
