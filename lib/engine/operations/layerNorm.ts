/**
 * Layer norm over the last axis as one operation, with one for its gradient: kernels where the backend has them, else
 * composed.
 */
import * as tf from '@tensorflow/tfjs-core';
import { byRows } from './byRows.js';
import { operation } from './operation.js';
import { isRecording } from './tape.js';

type T = tf.Tensor;

export interface LayerNormInputs {
  /** [..., C] */
  readonly x: T;
  /** [C]; one if not given. */
  readonly scale: T | undefined;
  /** [C]; zero if not given. */
  readonly offset: T | undefined;
}

interface LayerNormAttrs {
  /** Added to the variance. */
  readonly epsilon: number;
}

export interface LayerNormGradientInputs {
  readonly x: T;
  readonly dy: T;
  readonly scale: T | undefined;
}

/** Of x [..., C], of scale and of offset [C]. */
export type LayerNormGradients = readonly [dx: T, dScale: T, dOffset: T];

/** (x − mean) / √(variance + epsilon), and 1 / √(variance + epsilon). */
const normalize = (x: T, { epsilon }: LayerNormAttrs): readonly [normed: T, inverse: T] => {
  const centred = tf.sub(x, tf.mean(x, -1, true)); // [..., C]
  const variance = tf.mean(tf.square(centred), -1, true); // [..., 1]
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  return [tf.mul(centred, inverse), inverse];
};

const composedLayerNorm = ({ x, scale, offset }: LayerNormInputs, attrs: LayerNormAttrs): T =>
  byRows(x, (rows) => {
    const [normed] = normalize(rows, attrs);
    const scaled = scale ? tf.mul(normed, scale) : normed;
    return offset ? tf.add(scaled, offset) : scaled;
  });

const composedGradient = (
  { x, dy, scale }: LayerNormGradientInputs,
  attrs: LayerNormAttrs,
): LayerNormGradients => {
  const [normed, inverse] = normalize(x, attrs);
  const leading = x.shape.slice(0, -1).map((_, axis) => axis);
  const weighted = tf.mul(dy, normed);
  const back = scale ? tf.mul(dy, scale) : dy; // the cotangent of what is normed
  const along = tf.mul(normed, tf.mean(tf.mul(back, normed), -1, true));
  const dx = tf.mul(inverse, tf.sub(tf.sub(back, tf.mean(back, -1, true)), along));
  return [dx, tf.sum(weighted, leading), tf.sum(dy, leading)];
};

/** The gradients of layer norm from the cotangent of its result. */
export const layerNormGradient = operation<LayerNormGradientInputs, LayerNormAttrs, LayerNormGradients>({
  name: 'RengaLayerNormGradient',
  shape: ({ x }) =>
    [x.shape, x.shape.slice(-1), x.shape.slice(-1)].map((shape) => ({ shape, dtype: 'float32' })),
  compose: composedGradient,
});

/**
 * (x − mean) / √(variance + epsilon) · scale + offset over the last axis; the variance is the mean of squares about the
 * mean.
 */
export const layerNorm = operation<LayerNormInputs, LayerNormAttrs>({
  name: 'RengaLayerNorm',
  shape: ({ x }) => ({ shape: x.shape, dtype: 'float32' }),
  compose: composedLayerNorm,
  derivative: (dy, { x, scale }, attrs) => {
    const compute = isRecording() ? composedGradient : layerNormGradient;
    const [dx, dScale, dOffset] = compute({ x, dy, scale }, attrs);
    return { x: () => dx, scale: () => dScale, offset: () => dOffset };
  },
});
