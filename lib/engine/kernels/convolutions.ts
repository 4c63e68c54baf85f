/**
 * Convolutions as patches and matrix products: 2-D ones, which stock computes on one thread, and those that it lacks
 * (the derivative of a 2-D filter) or computes element by element (3-D ones, transposed ones).
 */
import * as tf from '@tensorflow/tfjs-core';
import { windowCompositions } from '../operations/windowCompositions.js';
import { allocate, views, type BackendWasm } from './heap.js';
import { isFull, type OwnCompute } from './own.js';
import { addRows, fillRows, numPatches, patchSize, type Windows } from './patches.js';
import { register } from './register.js';

type T = tf.Tensor;
type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

interface Attrs {
  readonly strides: never;
  readonly pad: never;
  readonly dilations?: never;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: string;
}

/** Patches held at once: 16 MiB. */
const maxElements = 1 << 22;

/** An image as a video of depth 1. */
const windows2d = (input: number[], filter: number[], a: Attrs): Windows => {
  if (a.dataFormat === 'NCHW')
    throw new Error('convolution: the wasm backend knows channels last (NHWC) only');
  const dilations = a.dilations ?? 1;
  const { computeConv2DInfo } = tf.backend_util;
  const info = computeConv2DInfo(
    input as Four,
    filter as Four,
    a.strides,
    dilations,
    a.pad,
    a.dimRoundingMode,
  );
  const depth = { inDepth: 1, outDepth: 1, filterDepth: 1, strideDepth: 1, dilationDepth: 1 };
  return { ...info, ...depth, padInfo: { ...info.padInfo, front: 0 } };
};

const windows3d = (input: number[], filter: number[], a: Attrs): Windows =>
  tf.backend_util.computeConv3DInfo(input as Five, filter as Five, a.strides, a.dilations ?? 1, a.pad);

/** Ranges of windows whose patches fit into memory together. */
const chunks = (w: Windows): [from: number, to: number][] => {
  const [total, step] = [numPatches(w), Math.max(1, Math.floor(maxElements / patchSize(w)))];
  return Array.from({ length: Math.ceil(total / step) }, (_, i) => [
    i * step,
    Math.min(total, (i + 1) * step),
  ]);
};

const patchesOf = (backend: BackendWasm, w: Windows, x: T, from: number, to: number): T => {
  const patches = allocate(backend, [to - from, patchSize(w)]);
  fillRows(backend, w, [from, to], x, patches);
  return patches;
};

/** Rows from..to of a tensor seen as [rows, channels]. */
const rowsOf = (x: T, from: number, to: number): T =>
  tf.slice(tf.reshape(x, [-1, x.shape[x.rank - 1]]), [from, 0], [to - from, -1]);

/** A filter as a matrix [patchSize, outChannels]. */
const matrix = (filter: T): T => tf.reshape(filter, [-1, filter.shape[filter.rank - 1]]);

/** True where every window is one pixel and every pixel a window, so that the input is its patches. */
const seesPixels = (w: Windows): boolean =>
  patchSize(w) === w.inChannels &&
  w.outDepth === w.inDepth &&
  w.outHeight === w.inHeight &&
  w.outWidth === w.inWidth;

/** The convolution itself. [windows, outChannels] */
const forward = (backend: BackendWasm, w: Windows, x: T, filter: T): T => {
  if (numPatches(w) === 0) return tf.zeros([0, w.outChannels]);
  return seesPixels(w)
    ? tf.matMul(tf.reshape(x, [-1, w.inChannels]), matrix(filter))
    : tf.concat(
        chunks(w).map(([from, to]) =>
          tf.tidy(() => tf.matMul(patchesOf(backend, w, x, from, to), matrix(filter))),
        ),
      );
};

/** The derivative by the input, which is the transposed convolution. */
const backInput = (backend: BackendWasm, w: Windows, dy: T, filter: T, shape: number[]): T => {
  const dx = allocate(backend, shape);
  views(backend, [dx])[0].fill(0);
  chunks(w).forEach(([from, to]) =>
    tf.tidy(() => {
      const patches = tf.matMul(rowsOf(dy, from, to), matrix(filter), false, true);
      addRows(backend, w, [from, to], patches, dx);
    }),
  );
  return dx;
};

/** The derivative by the filter. */
const backFilter = (backend: BackendWasm, w: Windows, x: T, dy: T, shape: number[]): T => {
  if (numPatches(w) === 0) return tf.zeros(shape);
  const parts = chunks(w).map(([from, to]) =>
    tf.tidy(() => tf.matMul(patchesOf(backend, w, x, from, to), rowsOf(dy, from, to), true, false)),
  );
  return tf.reshape(
    parts.reduce((sum, part) => tf.add(sum, part)),
    shape,
  );
};

const registerBackInput = (kernelName: string, windows: typeof windows2d): void =>
  register<{ dy: T; filter: T }, Attrs & { inputShape: number[] }, BackendWasm>(
    'wasm',
    kernelName,
    ({ dy, filter }, attrs, backend) =>
      backInput(backend, windows(attrs.inputShape, filter.shape, attrs), dy, filter, attrs.inputShape),
  );

const registerBackFilter = (kernelName: string, windows: typeof windows2d): void =>
  register<{ x: T; dy: T }, Attrs & { filterShape: number[] }, BackendWasm>(
    'wasm',
    kernelName,
    ({ x, dy }, attrs, backend) =>
      backFilter(backend, windows(x.shape, attrs.filterShape, attrs), x, dy, attrs.filterShape),
  );

/** Channels, and multiplications, from which on our product saves more than it takes to lay patches out for it. */
const worthChannels = 32;
const worthPatches = 2 ** 22;

const isWorthPatches = (w: Windows): boolean =>
  w.outChannels >= worthChannels && numPatches(w) * patchSize(w) * w.outChannels >= worthPatches;

/** A 2-D convolution where that is faster than stock's. */
export const convolution: OwnCompute<{ x: T; filter: T }, tf.Conv2DAttrs> = (
  { x, filter },
  attrs,
  { backend },
) => {
  if (!isFull(x, filter)) return undefined;
  const w = windows2d(x.shape, filter.shape, attrs as never);
  if (!isWorthPatches(w)) return undefined;
  return tf.reshape(forward(backend, w, x, filter), [w.batchSize, w.outHeight, w.outWidth, w.outChannels]);
};

export const registerConvolutions = (): void => {
  registerBackInput(tf.Conv2DBackpropInput, windows2d);
  registerBackFilter(tf.Conv2DBackpropFilter, windows2d);
  registerBackInput(tf.Conv3DBackpropInputV2, windows3d);
  registerBackFilter(tf.Conv3DBackpropFilterV2, windows3d);
  // Stock gives a smallest positive number for maxima below 0.
  ([tf.Dilation2D, tf.Dilation2DBackpropInput, tf.Dilation2DBackpropFilter] as const).forEach((kernelName) =>
    register<never, never>('wasm', kernelName, windowCompositions[kernelName]),
  );
  register<{ x: T; filter: T }, Attrs, BackendWasm>('wasm', tf.Conv3D, ({ x, filter }, attrs, backend) => {
    const w = windows3d(x.shape, filter.shape, attrs);
    const shape = [w.batchSize, w.outDepth, w.outHeight, w.outWidth, w.outChannels];
    return tf.reshape(forward(backend, w, x, filter), shape);
  });
};
