/**
 * Max pools for the wasm backend. Its own derivative takes windows without a positive value for windows that begin
 * with their maximum, and its 3-D pool gives such windows zero.
 */
import * as tf from '@tensorflow/tfjs-core';
import { nativeOf } from '../wasm/native.js';
import { allocate, views, type BackendWasm } from './heap.js';
import { addressesOf, wakeFor } from './own.js';
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

/** The largest values of a window, one for each channel, and the offsets of the first places that have them. */
interface Maxima {
  readonly values: Float32Array;
  readonly places: Int32Array;
}

/** Compares one place of a window, whose channels lie side by side, with the largest so far. */
const compare = ({ values, places }: Maxima, input: Float32Array, at: number, isFirst: boolean): void => {
  for (let c = 0; c < values.length; c += 1) {
    const value = input[at + c];
    if (isFirst || value > values[c]) {
      values[c] = value;
      places[c] = at + c;
    }
  }
};

/** The maxima of window `p`; false where it sees nothing of the input. */
const findMaxima = (w: Windows, input: Float32Array, p: number, maxima: Maxima): boolean => {
  const [column, row] = [p % w.outWidth, Math.floor(p / w.outWidth) % w.outHeight];
  const frame = Math.floor(p / (w.outWidth * w.outHeight)) % w.outDepth;
  const batch = Math.floor(p / (w.outWidth * w.outHeight * w.outDepth));
  const [front, back] = inside(frame * w.strideDepth - w.padInfo.front, w.filterDepth, w.inDepth);
  const [top, bottom] = inside(row * w.strideHeight - w.padInfo.top, w.filterHeight, w.inHeight);
  const [left, right] = inside(column * w.strideWidth - w.padInfo.left, w.filterWidth, w.inWidth);
  let isFirst = true;
  for (let z = front; z < back; z += 1) {
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) {
        const at = (((batch * w.inDepth + z) * w.inHeight + y) * w.inWidth + x) * w.inChannels;
        compare(maxima, input, at, isFirst);
        isFirst = false;
      }
    }
  }
  return !isFirst;
};

/** Calls `visit` for each window with the offset of its outputs and with its maxima. */
const forEachWindow = (
  w: Windows,
  input: Float32Array,
  visit: (output: number, maxima: Maxima) => void,
): void => {
  const [windows, channels] = [numPatches(w), w.inChannels];
  const maxima = { values: new Float32Array(channels), places: new Int32Array(channels) };
  for (let p = 0; p < windows; p += 1) if (findMaxima(w, input, p, maxima)) visit(p * channels, maxima);
};

/**
 * @param input   [B, D, H, W, C]
 * @param maxima  [B, windows, C], overwritten
 */
const pool = (w: Windows, input: Float32Array, maxima: Float32Array): void =>
  forEachWindow(w, input, (to, { values }) => maxima.set(values, to));

/**
 * Gives each window's derivative to the first of its largest values, as XLA does.
 *
 * @param dy     [B, windows, C]
 * @param input  [B, D, H, W, C]
 * @param dx     [B, D, H, W, C], overwritten
 */
const unpool = (w: Windows, dy: Float32Array, input: Float32Array, dx: Float32Array): void => {
  dx.fill(0);
  forEachWindow(w, input, (from, { places }) => {
    for (let c = 0; c < places.length; c += 1) dx[places[c]] += dy[from + c];
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

/** Windows as our kernel takes them; see assembly/poolBack.ts. */
const fieldsOf = (w: Windows): number[] => [
  ...[w.batchSize, w.inDepth, w.inHeight, w.inWidth, w.inChannels, w.outDepth, w.outHeight, w.outWidth],
  ...[w.filterDepth, w.filterHeight, w.filterWidth, w.strideDepth, w.strideHeight, w.strideWidth],
  ...[w.padInfo.front, w.padInfo.top, w.padInfo.left],
];

const registerGradient = <A>(kernelName: string, windows: (x: T, attrs: A) => Windows): void =>
  register<{ dy: T; input: T }, A, BackendWasm>('wasm', kernelName, ({ dy, input }, attrs, backend) => {
    const w = windows(input, attrs);
    const out = allocate(backend, input.shape);
    const native = nativeOf(backend);
    if (native) {
      wakeFor(native, input.size);
      native.exports.poolBack(...addressesOf(backend, [dy, input, out]), ...fieldsOf(w));
      return out;
    }
    const [slopes, values, sums] = views(backend, [dy, input, out]);
    unpool(w, slopes, values, sums);
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
