/**
 * The operations of patches for the wasm backend, by the kernel that convolutions use.
 */
import * as tf from '@tensorflow/tfjs-core';
import { nativeOf } from '../wasm/native.js';
import { registerOperation } from '../operations/operation.js';
import {
  composedPatches,
  composedUnpatch,
  type PatchAttrs,
  patchesKernel,
  patchesShape,
  type UnpatchAttrs,
  unpatchKernel,
} from '../operations/patches.js';
import { allocate, type BackendWasm, views } from './heap.js';
import { isFull } from './own.js';
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
  registerOperation<{ x: tf.Tensor }, PatchAttrs, BackendWasm>(
    'wasm',
    patchesKernel,
    ({ x }, attrs, backend) => {
      if (!nativeOf(backend) || !isFull(x)) return composedPatches({ x }, attrs);
      const w = windowsOf(x.shape, attrs);
      const out = allocate(backend, patchesShape(x.shape, attrs));
      fillRows(backend, w, [0, numPatches(w)], x, out);
      return out;
    },
  );
  registerOperation<{ dy: tf.Tensor }, UnpatchAttrs, BackendWasm>(
    'wasm',
    unpatchKernel,
    ({ dy }, attrs, backend) => {
      if (!nativeOf(backend) || !isFull(dy)) return composedUnpatch({ dy }, attrs);
      const w = windowsOf(attrs.shape, attrs);
      const out = allocate(backend, [...attrs.shape]);
      views(backend, [out])[0].fill(0);
      addRows(backend, w, [0, numPatches(w)], dy, out);
      return out;
    },
  );
};
