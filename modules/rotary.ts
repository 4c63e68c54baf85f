/**
 * Rotary position encoding: pairs of channels of each head are turned by an angle that grows with the position, so that
 * the score of a query and a key depends on their distance. No parameters.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  count,
  oneOf,
  optional,
  type OptionsFor,
  positive,
  probability,
  withDefault,
} from '../lib/data/config.js';
import { expectShape } from '../lib/data/shape.js';
import type { Layer } from '../lib/language/scope.js';

export const rotaryConfig = config('rotary', 'Rotary position encoding.', {
  maxWavelength: withDefault(positive, 10000, {
    doc: 'Positions per radian of the slowest pair of channels, or where they would be one pair later.',
    source: 'arXiv:2104.09864, section 3.2.2',
  }),
  fraction: withDefault(probability, 1, {
    doc: 'Share of the channels of a head that are turned: the first floor(D · fraction / 2) pairs.',
    source: 'perceiver_ar_model.py `fraction_to_rotate`',
  }),
  lastWavelength: withDefault(oneOf('included', 'excluded'), 'included', {
    doc: 'included if the slowest pair has maxWavelength itself (Perceiver AR), excluded if the pair that would follow it has (RoFormer).',
    source: 'perceiver_ar_model.py; arXiv:2104.09864',
  }),
  numRotatedHeads: optional(count, {
    doc: 'Number of heads that are turned, from the first; all if not given.',
  }),
});
export type RotaryOptions = OptionsFor<typeof rotaryConfig>;

/** Positions per radian of each pair, from 1 to `maxWavelength`, in a geometric sequence. */
const wavelengths = (pairs: number, maxWavelength: number, isLastIncluded: boolean): Float32Array => {
  const steps = isLastIncluded ? Math.max(1, pairs - 1) : pairs;
  return Float32Array.from({ length: pairs }, (_, i) => maxWavelength ** (i / steps));
};

/** The part of an axis from `start` on. */
const part = (x: tf.Tensor, axis: number, start: number, size: number): tf.Tensor => {
  const sizes = x.shape.map((_, i) => (i === axis ? size : -1));
  return tf.slice(
    x,
    sizes.map((n) => (n === -1 ? 0 : start)),
    sizes,
  );
};

/**
 * Turns pairs of channels (0, 1), (2, 3)… by the position divided by the pair's wavelength.
 * @param x [B, N, H, D]
 * @param angles [B|1, N, 1, pairs] in radians
 * @returns [B, N, H, D]; channels after the pairs are as before
 */
export const rotatePairs = (x: tf.Tensor, angles: tf.Tensor): tf.Tensor => {
  const [B, N, H, D] = x.shape as [number, number, number, number];
  const pairs = angles.shape[3] as number;
  const turned = tf.reshape(part(x, 3, 0, 2 * pairs), [B, N, H, pairs, 2]);
  const [a, b] = [0, 1].map((i) => tf.reshape(part(turned, 4, i, 1), [B, N, H, pairs]));
  const [cos, sin] = [tf.cos(angles), tf.sin(angles)];
  const both = tf.stack([tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(a, sin), tf.mul(b, cos))], 4);
  const all = tf.reshape(both, [B, N, H, 2 * pairs]);
  return 2 * pairs === D ? all : tf.concat([all, part(x, 3, 2 * pairs, D - 2 * pairs)], 3);
};

/**
 * Rotary position encoding of queries or keys, by head: [B, N, H, D] and positions [N], [1, N] or [B, N], whole numbers
 * from wherever the caller counts, to [B, N, H, D].
 * @example
 * const turn = rotary({ fraction: 0.5 });
 * attention({ onHeads: (s, q, k) => [turn(s, q, positions), turn(s, k, positions)] })
 * Source: arXiv:2104.09864; as Perceiver AR computes it unless told otherwise.
 */
export const rotary = (
  options: RotaryOptions = {},
): Layer<[x: tf.Tensor, positions: tf.Tensor], tf.Tensor> => {
  const { maxWavelength, fraction, lastWavelength, numRotatedHeads } = rotaryConfig.make(options);
  return (_s, x, positions) => {
    const { N, H, D } = expectShape('x', x.shape, ['B', 'N', 'H', 'D']);
    const places = positions.rank === 1 ? tf.expandDims(positions, 0) : positions;
    expectShape('positions', places.shape, [places.shape[0] === 1 ? 1 : (x.shape[0] as number), N]);
    const pairs = Math.floor((D * fraction) / 2);
    const turned = Math.min(H, numRotatedHeads ?? H);
    if (pairs === 0) return x;
    const each = tf.tensor1d(wavelengths(pairs, maxWavelength, lastWavelength === 'included'));
    const angles = tf.div(tf.reshape(tf.cast(places, 'float32'), [-1, N, 1, 1]), each); // [B|1, N, 1, pairs]
    if (turned === H) return rotatePairs(x, angles);
    return tf.concat([rotatePairs(part(x, 2, 0, turned), angles), part(x, 2, turned, H - turned)], 2);
  };
};
