/**
 * The operations of patches for the wasm backend, by the kernel that convolutions use.
 */
import { type PatchAttrs, patchesOperation, patchesShape, unpatch } from '../operations/patches.js';
import { allocate, views } from './heap.js';
import { isFull, registerOwnOperation } from './own.js';
import { addRows, fillRows, numPatches, type Windows } from './patches.js';

/** The windows of an image [B, H, W, C]. */
const windowsOf = (shape: readonly number[], attrs: PatchAttrs): Windows => {
  const { sizes, strides, rates, before, counts } = attrs;
  const [batchSize, inHeight, inWidth, inChannels] = shape;
  return {
    ...{ batchSize, inDepth: 1, inHeight, inWidth, inChannels, outChannels: 1 },
    ...{ outDepth: 1, outHeight: counts[0], outWidth: counts[1] },
    ...{ filterDepth: 1, filterHeight: sizes[0], filterWidth: sizes[1] },
    ...{ strideDepth: 1, strideHeight: strides[0], strideWidth: strides[1] },
    ...{ dilationDepth: 1, dilationHeight: rates[0], dilationWidth: rates[1] },
    padInfo: { front: 0, top: before[0], left: before[1] },
  };
};

export const registerPatches = (): void => {
  registerOwnOperation(patchesOperation, ({ x }, attrs, { backend }) => {
    if (!isFull(x)) return undefined;
    const w = windowsOf(x.shape, attrs);
    const out = allocate(backend, patchesShape(x.shape, attrs));
    fillRows(backend, w, [0, numPatches(w)], x, out);
    return out;
  });
  registerOwnOperation(unpatch, ({ dy }, attrs, { backend }) => {
    if (!isFull(dy)) return undefined;
    const w = windowsOf(attrs.shape, attrs);
    const out = allocate(backend, [...attrs.shape]);
    views(backend, [out])[0].fill(0);
    addRows(backend, w, [0, numPatches(w)], dy, out);
    return out;
  });
};
