/**
 * Max pools for the wasm backend. Its own derivative takes windows without a positive value for windows that begin
 * with their maximum, and its 3-D pool gives such windows zero.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, views, type BackendWasm } from './heap.js';
import { numPatches, type Windows } from './patches.js';
import { register } from './register.js';

type T = tf.Tensor;
type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

/** The range of a window along one axis that lies inside of the input. */
const inside = (start: number, filter: number, size: number): readonly [from: number, to: number] => [
  Math.max(0, start),
  Math.min(size, start + filter),
];

/** Offset of the first of the largest values that window `p` sees in channel `c`; −1 when it sees none. */
const largest = (w: Windows, input: Float32Array, p: number, c: number): number => {
  const [column, row] = [p % w.outWidth, Math.floor(p / w.outWidth) % w.outHeight];
  const frame = Math.floor(p / (w.outWidth * w.outHeight)) % w.outDepth;
  const batch = Math.floor(p / (w.outWidth * w.outHeight * w.outDepth));
  const [front, back] = inside(frame * w.strideDepth - w.padInfo.front, w.filterDepth, w.inDepth);
  const [top, bottom] = inside(row * w.strideHeight - w.padInfo.top, w.filterHeight, w.inHeight);
  const [left, right] = inside(column * w.strideWidth - w.padInfo.left, w.filterWidth, w.inWidth);
  let best = -1;
  for (let z = front; z < back; z += 1) {
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) {
        const at = (((batch * w.inDepth + z) * w.inHeight + y) * w.inWidth + x) * w.inChannels + c;
        if (best < 0 || input[at] > input[best]) best = at;
      }
    }
  }
  return best;
};

/** Calls `visit` with the offset of each output and of the input that it is. */
const forEachMaximum = (
  w: Windows,
  input: Float32Array,
  visit: (output: number, input: number) => void,
): void => {
  const size = numPatches(w) * w.inChannels;
  for (let i = 0; i < size; i += 1) {
    const at = largest(w, input, Math.floor(i / w.inChannels), i % w.inChannels);
    if (at >= 0) visit(i, at);
  }
};

/**
 * @param input   [B, D, H, W, C]
 * @param maxima  [B, windows, C], overwritten
 */
export const pool = (w: Windows, input: Float32Array, maxima: Float32Array): void =>
  forEachMaximum(w, input, (to, from) => {
    maxima[to] = input[from];
  });

/**
 * Gives each window's derivative to the first of its largest values, as XLA does.
 *
 * @param dy     [B, windows, C]
 * @param input  [B, D, H, W, C]
 * @param dx     [B, D, H, W, C], overwritten
 */
const unpool = (w: Windows, dy: Float32Array, input: Float32Array, dx: Float32Array): void => {
  dx.fill(0);
  forEachMaximum(w, input, (from, to) => {
    dx[to] += dy[from];
  });
};

/** An image as a video of depth 1. */
const windows2d = (x: T, a: tf.MaxPoolAttrs): Windows => {
  const { computePool2DInfo } = tf.backend_util;
  const info = computePool2DInfo(x.shape as Four, a.filterSize, a.strides, 1, a.pad, a.dimRoundingMode);
  const depth = { inDepth: 1, outDepth: 1, filterDepth: 1, strideDepth: 1, dilationDepth: 1 };
  return { ...info, ...depth, padInfo: { ...info.padInfo, front: 0 } };
};

const windows3d = (x: T, a: tf.MaxPool3DAttrs): Windows =>
  tf.backend_util.computePool3DInfo(x.shape as Five, a.filterSize, a.strides, 1, a.pad, a.dimRoundingMode);

const registerGradient = <A>(kernelName: string, windows: (x: T, attrs: A) => Windows): void =>
  register<{ dy: T; input: T }, A, BackendWasm>('wasm', kernelName, ({ dy, input }, attrs, backend) => {
    const out = allocate(backend, input.shape);
    const [slopes, values, sums] = views(backend, [dy, input, out]);
    unpool(windows(input, attrs), slopes, values, sums);
    return out;
  });

export const registerPooling = (): void => {
  registerGradient(tf.MaxPoolGrad, windows2d);
  registerGradient(tf.MaxPool3DGrad, windows3d);
  register<{ x: T }, tf.MaxPool3DAttrs, BackendWasm>('wasm', tf.MaxPool3D, ({ x }, attrs, backend) => {
    const w = windows3d(x, attrs);
    const out = allocate(backend, [w.batchSize, w.outDepth, w.outHeight, w.outWidth, w.outChannels]);
    const [values, maxima] = views(backend, [x, out]);
    pool(w, values, maxima);
    return out;
  });
};
