/**
 * Batch apply: a layer for one kind of batch, run over several leading axes at once (every frame of every video).
 */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../lib/data/array.js';
import type { Layer } from '../lib/language/scope.js';
import { ShapeError, showShape } from '../lib/data/shape.js';

/**
 * Merges the first axes into one, runs `layer`, and splits the first axis of its output again.
 *
 * x [A₁, …, Aₙ, ...] becomes [A₁·…·Aₙ, ...] for the layer; its output [A₁·…·Aₙ, ...] becomes [A₁, …, Aₙ, ...].
 * @param numDims how many axes are merged
 * @throws ShapeError when x has fewer axes
 * @example batchApply(conv2d({ outputChannels: 8, kernelShape: 3 })) // each frame of [B, T, H, W, C]
 * Source: dm-haiku `hk.BatchApply`.
 */
export const batchApply =
  <A extends readonly unknown[]>(
    layer: Layer<[x: tf.Tensor, ...rest: A], tf.Tensor>,
    numDims = 2,
  ): Layer<[x: tf.Tensor, ...rest: A], tf.Tensor> =>
  (s, x, ...rest) => {
    if (x.rank < numDims)
      throw new ShapeError(`x has shape ${showShape(x.shape)}, expected at least ${numDims} axes to merge`);
    const leading = x.shape.slice(0, numDims);
    const output = layer(s, tf.reshape(x, [sizeOf(leading), ...x.shape.slice(numDims)]), ...rest);
    return tf.reshape(output, [...leading, ...output.shape.slice(1)]);
  };
