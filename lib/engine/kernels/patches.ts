/**
 * Convolution as matrix products: the patches of an image or a video that the windows of a convolution see, one a
 * row, and the way back. An image is a video of depth 1.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { nativeOf } from '../wasm/native.js';
import { type BackendWasm, views } from './heap.js';
import { addressesOf, wakeFor } from './own.js';

/** The windows over a video; the fields are those of tfjs's Conv3DInfo. */
export type Windows = Pick<
  tf.backend_util.Conv3DInfo,
  | ('inDepth' | 'inHeight' | 'inWidth' | 'inChannels' | 'outDepth' | 'outHeight' | 'outWidth')
  | ('filterDepth' | 'filterHeight' | 'filterWidth' | 'strideDepth' | 'strideHeight' | 'strideWidth')
  | ('dilationDepth' | 'dilationHeight' | 'dilationWidth' | 'batchSize' | 'outChannels')
> & { readonly padInfo: { readonly front: number; readonly top: number; readonly left: number } };

/** Elements of one patch. */
export const patchSize = (w: Windows): number =>
  w.filterDepth * w.filterHeight * w.filterWidth * w.inChannels;

/** Number of windows over the whole batch. */
export const numPatches = (w: Windows): number => w.batchSize * w.outDepth * w.outHeight * w.outWidth;

/**
 * Calls `visit` for each pixel of the windows from..to that lies inside, with its offset in the input and in the
 * patches.
 */
const forEachPixel = (
  w: Windows,
  from: number,
  to: number,
  visit: (inInput: number, inPatches: number) => void,
) => {
  let patch = 0;
  for (let p = from; p < to; p += 1) {
    const [column, row] = [p % w.outWidth, Math.floor(p / w.outWidth) % w.outHeight];
    const frame = Math.floor(p / (w.outWidth * w.outHeight)) % w.outDepth;
    const batch = Math.floor(p / (w.outWidth * w.outHeight * w.outDepth));
    const [left, top] = [column * w.strideWidth - w.padInfo.left, row * w.strideHeight - w.padInfo.top];
    const front = frame * w.strideDepth - w.padInfo.front;
    for (let d = 0; d < w.filterDepth; d += 1) {
      const z = front + d * w.dilationDepth;
      for (let h = 0; h < w.filterHeight; h += 1) {
        const y = top + h * w.dilationHeight;
        const isOutside = z < 0 || z >= w.inDepth || y < 0 || y >= w.inHeight;
        const line = ((batch * w.inDepth + z) * w.inHeight + y) * w.inWidth;
        for (let v = 0; v < w.filterWidth; v += 1, patch += w.inChannels) {
          const x = left + v * w.dilationWidth;
          if (!isOutside && x >= 0 && x < w.inWidth) visit((line + x) * w.inChannels, patch);
        }
      }
    }
  }
};

/**
 * Copies windows from..to into rows; what they see outside of the input is zero.
 * @param input   [B, D, H, W, C]
 * @param patches [to − from, patchSize], overwritten
 */
export const extractPatches = (
  w: Windows,
  input: Float32Array,
  from: number,
  to: number,
  patches: Float32Array,
) => {
  const { inChannels } = w;
  patches.fill(0);
  forEachPixel(w, from, to, (source, target) => {
    for (let c = 0; c < inChannels; c += 1) patches[target + c] = input[source + c];
  });
};

/** Adds rows back onto where their windows saw them: the transpose of `extractPatches`. */
const addPatches = (w: Windows, patches: Float32Array, from: number, to: number, input: Float32Array) => {
  const { inChannels } = w;
  forEachPixel(w, from, to, (target, source) => {
    for (let c = 0; c < inChannels; c += 1) input[target + c] += patches[source + c];
  });
};

/** Windows as our kernel takes them; see assembly/patches.ts. */
const fieldsOf = (w: Windows): number[] => [
  ...[w.batchSize, w.inDepth, w.inHeight, w.inWidth, w.inChannels, w.outDepth, w.outHeight, w.outWidth],
  ...[w.filterDepth, w.filterHeight, w.filterWidth, w.strideDepth, w.strideHeight, w.strideWidth],
  ...[w.dilationDepth, w.dilationHeight, w.dilationWidth, w.padInfo.front, w.padInfo.top, w.padInfo.left],
];

/** A range of windows. */
export type Range = readonly [from: number, to: number];

/** Fills rows with what the windows of a range see of an input, or adds rows to the input where they were seen. */
const move = (
  backend: BackendWasm,
  w: Windows,
  [from, to]: Range,
  input: tf.Tensor,
  rows: tf.Tensor,
  isBack: boolean,
): void => {
  const native = nativeOf(backend);
  if (native) {
    wakeFor(native, rows.size);
    const addresses = addressesOf(backend, [input, rows]);
    return native.exports.patches(isBack ? 1 : 0, ...addresses, from, to, ...fieldsOf(w));
  }
  const [pixels, patches] = views(backend, [input, rows]);
  if (isBack) addPatches(w, patches, from, to, pixels);
  else extractPatches(w, pixels, from, to, patches);
};

/** Rows [to − from, patchSize] are filled with what windows see; float32, none of them empty. */
export const fillRows = (b: BackendWasm, w: Windows, range: Range, input: tf.Tensor, rows: tf.Tensor): void =>
  move(b, w, range, input, rows, false);

/** Rows are added to an input that has its values already. */
export const addRows = (b: BackendWasm, w: Windows, range: Range, rows: tf.Tensor, input: tf.Tensor): void =>
  move(b, w, range, input, rows, true);
