/**
 * Patches: the elements of each window of a convolution, stacked in the channels.
 */
import * as tf from '@tensorflow/tfjs-core';
import { patches } from '../lib/engine/index.js';
import { expectShape } from '../lib/data/shape.js';
import { type Padding, perDimension, type PerDimension, placeWindows } from './window.js';

export interface PatchOptions {
  /** Rows and columns of a patch. */
  readonly sizes: PerDimension;
  /** Rows and columns from one patch to the next; 1 if not given. */
  readonly strides?: PerDimension;
  /** Rows and columns from one of a patch's pixels to the next; 1 if not given. */
  readonly rates?: PerDimension;
  /** VALID if not given. */
  readonly padding?: Padding;
}

/**
 * Patches of images, padded with zeros where a patch sticks out.
 *
 * Shapes: B batch, H height, W width, C channels, kh rows and kw columns of a patch.
 * @param images [B, H, W, C]
 * @returns [B, patch rows, patch columns, kh·kw·C], channels ordered (row, column, channel)
 * @throws ShapeError when images are of another rank, or no patch fits
 * @example extractPatches(images, { sizes: 3, padding: 'SAME' })
 * Source: io_processors.py `extract_patches`.
 */
export const extractPatches = (images: tf.Tensor, options: PatchOptions): tf.Tensor4D => {
  const { H, W } = expectShape('images', images.shape, ['B', 'H', 'W', 'C']);
  const [kh, kw] = perDimension('sizes', options.sizes, 2);
  const [rowStride, columnStride] = perDimension('strides', options.strides ?? 1, 2);
  const [rowRate, columnRate] = perDimension('rates', options.rates ?? 1, 2);
  const padding = options.padding ?? 'VALID';
  const rows = placeWindows(H, { size: kh, stride: rowStride, rate: rowRate }, padding);
  const columns = placeWindows(W, { size: kw, stride: columnStride, rate: columnRate }, padding);
  return patches(
    { x: images },
    {
      sizes: [kh, kw],
      strides: [rowStride, columnStride],
      rates: [rowRate, columnRate],
      before: [rows.before, columns.before],
      counts: [rows.count, columns.count],
    },
  ) as tf.Tensor4D;
};

/**
 * Each frame's neighbourhoods of size × size pixels, zeros outside of the image: the flow model's input.
 * @param frames [B, T, H, W, C]
 * @param size   3 if not given
 * @returns [B, T, H, W, size²·C]
 * Source: io_processors.py `patches_for_flow`.
 */
export const patchesForFlow = (frames: tf.Tensor, size = 3): tf.Tensor5D => {
  const { B, T, H, W, C } = expectShape('frames', frames.shape, ['B', 'T', 'H', 'W', 'C']);
  const seen = extractPatches(tf.reshape(frames, [B * T, H, W, C]), { sizes: size, padding: 'SAME' });
  return tf.reshape(seen, [B, T, H, W, size ** 2 * C]);
};
