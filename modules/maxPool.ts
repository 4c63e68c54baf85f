/**
 * Max pooling: the largest value of each window. Nothing is trained.
 */
import * as tf from '@tensorflow/tfjs-core';
import { expectShape } from '../lib/data/shape.js';
import { type Padding, perDimension, type PerDimension, placeWindows, subsample } from './window.js';

export interface MaxPoolOptions {
  /** Rows and columns of a window. */
  readonly windowShape: PerDimension;
  /** Rows and columns from one window to the next; 1 if not given. */
  readonly strides?: PerDimension;
  /** SAME if not given. */
  readonly padding?: Padding;
}

/**
 * The largest value of each window, channel by channel; padding never wins.
 * @param x [B, H, W, C]
 * @returns [B, window rows, window columns, C]
 * @throws ShapeError when x is of another rank, or no window fits
 * @example maxPool(x, { windowShape: 3, strides: 2 })
 * Source: dm-haiku `hk.max_pool` on NHWC.
 */
export const maxPool = (x: tf.Tensor, options: MaxPoolOptions): tf.Tensor4D => {
  const { H, W } = expectShape('x', x.shape, ['B', 'H', 'W', 'C']);
  const [height, width] = perDimension('windowShape', options.windowShape, 2);
  const [down, right] = perDimension('strides', options.strides ?? 1, 2);
  const padding = options.padding ?? 'SAME';
  placeWindows(H, { size: height, stride: down, rate: 1 }, padding);
  placeWindows(W, { size: width, stride: right, rate: 1 }, padding);
  // The wasm backend has no pooling by windows of one.
  if (height === 1 && width === 1) return subsample(x, 1, [down, right]) as tf.Tensor4D;
  return tf.maxPool(x as tf.Tensor4D, [height, width], [down, right], padding === 'SAME' ? 'same' : 'valid');
};
