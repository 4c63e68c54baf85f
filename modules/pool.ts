/**
 * Pooling: the largest value or the mean of each window of a sequence, an image or a volume. Nothing is trained.
 */
import * as tf from '@tensorflow/tfjs-core';
import { isTensor } from '../lib/data/leaf.js';
import { isRecord } from '../lib/data/nest.js';
import { expectShape, ShapeError, showShape } from '../lib/data/shape.js';
import { kindOf } from '../lib/data/weights.js';
import { axesOfInput } from './conv.js';
import { type Padding, perDimension, type PerDimension, placeWindows, subsample } from './window.js';

export interface PoolOptions {
  /** Size of a window, in each dimension. */
  readonly windowShape: PerDimension;
  /** Elements from one window to the next, in each dimension; 1 if not given. */
  readonly strides?: PerDimension;
  /** SAME if not given. */
  readonly padding?: Padding;
}

type Two = [number, number];
type Three = [number, number, number];

/** A pool of tfjs for images and one for volumes. */
interface Kernels {
  readonly images: (x: tf.Tensor4D, window: Two, strides: Two, pad: 'same' | 'valid') => tf.Tensor;
  readonly volumes: (x: tf.Tensor5D, window: Three, strides: Three, pad: 'same' | 'valid') => tf.Tensor;
}

/** Pools over the axes between the batch and the channels. */
const poolBy =
  (name: string, kernels: Kernels) =>
  (x: tf.Tensor, options: PoolOptions): tf.Tensor => {
    if (!isTensor(x) || !isRecord(options))
      throw new TypeError(
        `${name}: ${isTensor(x) ? `the options are ${kindOf(options)}` : `x is ${kindOf(x)}, no tensor`}, expected ` +
          `${name}(x, { windowShape: 2 }): pools are functions of arrays, and a layer is (s, x) => ${name}(x, { … })`,
      );
    const dims = x.rank - 2;
    if (dims < 1 || dims > 3)
      throw new ShapeError(`x has shape ${showShape(x.shape)}, expected [B, N…, C] with one to three sizes`);
    expectShape('x', x.shape, axesOfInput(dims));
    const window = perDimension('windowShape', options.windowShape, dims);
    const strides = perDimension('strides', options.strides ?? 1, dims);
    const padding = options.padding ?? 'SAME';
    window.forEach((size, i) => placeWindows(x.shape[i + 1], { size, stride: strides[i], rate: 1 }, padding));
    // The wasm backend has no pooling by windows of one.
    if (window.every((size) => size === 1)) return subsample(x, 1, strides);
    const pad = padding === 'SAME' ? 'same' : 'valid';
    if (dims === 3) return kernels.volumes(x as tf.Tensor5D, window as Three, strides as Three, pad);
    if (dims === 2) return kernels.images(x as tf.Tensor4D, window as Two, strides as Two, pad);
    const image = tf.expandDims(x, 1) as tf.Tensor4D; // [B, 1, W, C]
    return tf.squeeze(kernels.images(image, [1, window[0]], [1, strides[0]], pad), [1]);
  };

/**
 * The largest value of each window, channel by channel; padding never wins.
 * @param x [B, N…, C], one to three sizes N…
 * @returns [B, windows…, C]
 * @throws ShapeError when x is of another rank, or no window fits; TypeError for what is no tensor
 * @example maxPool(x, { windowShape: 3, strides: 2 })
 * Source: dm-haiku `hk.max_pool`.
 */
export const maxPool = poolBy('maxPool', {
  images: (x, window, strides, pad) => tf.maxPool(x, window, strides, pad),
  volumes: (x, window, strides, pad) => tf.maxPool3d(x, window, strides, pad),
});

/**
 * The mean of each window, channel by channel; padding is not counted.
 * @param x [B, N…, C], one to three sizes N…
 * @returns [B, windows…, C]
 * @throws ShapeError when x is of another rank, or no window fits; TypeError for what is no tensor
 * @example avgPool(x, { windowShape: 2, strides: 2, padding: 'VALID' })
 * Source: dm-haiku `hk.avg_pool`.
 */
export const avgPool = poolBy('avgPool', {
  images: (x, window, strides, pad) => tf.avgPool(x, window, strides, pad),
  volumes: (x, window, strides, pad) => tf.avgPool3d(x, window, strides, pad),
});
