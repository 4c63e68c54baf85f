/**
 * The patches of images that windows see, stacked in the channels, as one operation, and the way back as another, which is
 * its gradient: kernels where the backend has them, else composed.
 */
import * as tf from '@tensorflow/tfjs-core';
import { spread } from '../derivatives/spread.js';
import { everyNth } from './everyNth.js';
import { operation } from './operation.js';
import { isWithoutData } from '../shapes/withoutData.js';
import { isRecording } from './tape.js';

type T = tf.Tensor;

/** The places of windows; rows first, then columns. */
export interface PatchAttrs {
  readonly sizes: readonly [number, number];
  readonly strides: readonly [number, number];
  /** From one of a window's pixels to the next. */
  readonly rates: readonly [number, number];
  /** Rows and columns of zeros before the image. */
  readonly before: readonly [number, number];
  /** Number of windows. */
  readonly counts: readonly [number, number];
}

/** Also the images' shape [B, H, W, C]. */
interface UnpatchAttrs extends PatchAttrs {
  readonly shape: readonly number[];
}

/** [B, rows, columns, kh·kw·C] */
export const patchesShape = (shape: readonly number[], { sizes, counts }: PatchAttrs): number[] => [
  shape[0],
  ...counts,
  sizes[0] * sizes[1] * shape[3],
];

type Margin = [number, number];

/** Rows, or columns, of zeros that windows see before and after an image; negative where they do not reach its end. */
const marginsOf = (length: number, axis: 0 | 1, a: PatchAttrs): Margin => {
  const reach = (a.counts[axis] - 1) * a.strides[axis] + (a.sizes[axis] - 1) * a.rates[axis] + 1;
  return [a.before[axis], reach - a.before[axis] - length];
};

/** The image with zeros around it. */
const padded = (x: T, attrs: PatchAttrs): T => {
  const [, height, width] = x.shape as number[];
  const [rows, columns] = [marginsOf(height, 0, attrs), marginsOf(width, 1, attrs)];
  const outside = ([before, after]: Margin): Margin => [before, Math.max(0, after)];
  return tf.pad(x, [[0, 0], outside(rows), outside(columns), [0, 0]]);
};

const composedPatches = ({ x }: { x: T }, attrs: PatchAttrs): T => {
  const { sizes, strides, rates, counts } = attrs;
  const [height, width] = sizes;
  const wide = padded(x, attrs);
  const views = Array.from({ length: height }, (_, y) => {
    const row = everyNth(wide, 1, strides[0], counts[0], y * rates[0]);
    return Array.from({ length: width }, (_, v) =>
      tf.reshape(everyNth(row, 2, strides[1], counts[1], v * rates[1]), [1, -1]),
    );
  });
  // Views one after the other, then turned: few channels side by side would be copied pixel by pixel.
  const [batch, , , channels] = x.shape as number[];
  const stacked = tf.reshape(tf.concat(views.flat(), 0), [
    height * width,
    batch * counts[0] * counts[1],
    channels,
  ]);
  return tf.reshape(tf.transpose(stacked, [1, 0, 2]), patchesShape(x.shape, attrs));
};

/** One pixel of every window, put where it was seen, among zeros as large as the padded image. */
const putBack = (dy: T, y: number, v: number, attrs: UnpatchAttrs): T => {
  const { sizes, strides, rates, shape } = attrs;
  const channels = shape[3];
  const first = (y * sizes[1] + v) * channels;
  const seen = tf.slice(dy, [0, 0, 0, first], [-1, -1, -1, channels]);
  const wide = spread(seen, [1, ...strides, 1]);
  const [, wideHeight, wideWidth] = wide.shape as number[];
  const [rows, columns] = [marginsOf(shape[1], 0, attrs), marginsOf(shape[2], 1, attrs)];
  const total = (length: number, [before, after]: Margin): number => length + before + Math.max(0, after);
  const [high, across] = [total(shape[1], rows), total(shape[2], columns)];
  const [top, left] = [y * rates[0], v * rates[1]];
  return tf.pad(wide, [
    [0, 0],
    [top, high - top - wideHeight],
    [left, across - left - wideWidth],
    [0, 0],
  ]);
};

const composedUnpatch = ({ dy }: { dy: T }, attrs: UnpatchAttrs): T => {
  const { sizes, before, shape } = attrs;
  const places = Array.from({ length: sizes[0] * sizes[1] }, (_, i) => i);
  const sum = tf.addN(places.map((i) => putBack(dy, Math.floor(i / sizes[1]), i % sizes[1], attrs)));
  return tf.slice(sum, [0, ...before, 0], [...shape]);
};

/** The way back: each pixel gets the sum of the windows that saw it. */
export const unpatch = operation<{ dy: T }, UnpatchAttrs>({
  name: 'RengaPatchesGradient',
  shape: (_, { shape }) => ({ shape: [...shape], dtype: 'float32' }),
  compose: composedUnpatch,
});

/** Patches, always as one operation. */
export const patchesOperation = operation<{ x: T }, PatchAttrs>({
  name: 'RengaPatches',
  shape: ({ x }, attrs) => ({ shape: patchesShape(x.shape, attrs), dtype: x.dtype }),
  compose: composedPatches,
  derivative: (dy, { x }, { sizes, strides, rates, before, counts }) => ({
    x: () =>
      (isRecording() ? composedUnpatch : unpatch)(
        { dy },
        { sizes, strides, rates, before, counts, shape: x.shape },
      ),
  }),
});

/**
 * [B, H, W, C] to [B, rows, columns, kh·kw·C], channels ordered (row, column, channel).
 *
 * Read for its shapes alone it is composed, so that a graph has ordinary operations, which any engine runs.
 */
export const patches = (inputs: { readonly x: T }, attrs: PatchAttrs): T =>
  (isWithoutData() ? composedPatches : patchesOperation)(inputs, attrs);
