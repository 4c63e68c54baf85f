/**
 * Draws from random keys that are tensors: the operations that make words into floats and whole numbers, and what draws are
 * composed of. Uniform floats, whole numbers, trials and orders have the bits of the host's draws; normal and Gumbel floats
 * are computed by the same formulas, with the roundings of whatever runs them.
 */
import * as tf from '@tensorflow/tfjs-core';
import { array, type HostArray, type Shape } from '../../data/array.js';
import { toTensor } from '../../data/leaf.js';
import { offsetOf } from '../../random/discrete.js';
import type { Normal } from '../../random/distribution.js';
import { CENTRAL, TAIL } from '../../random/erf.js';
import { TINY } from '../../random/gumbel.js';
import type { Mode, OpenDraw } from '../../random/index.js';
import { operation } from './operation.js';

type T = tf.Tensor;

/** A key inside of a program: words of a draw, and keys that are split off. */
export interface OpenKey {
  readonly mode: Mode;
  /** int32 of the shape. */
  readonly bits: (shape: Shape) => T;
  readonly split: () => readonly [OpenKey, OpenKey];
}

/** The top 23 bits of each word as a fraction of `span`, plus `min`, rounded once: float32. */
const fraction = operation<{ readonly x: T }, { readonly min: number; readonly span: number }>({
  name: 'RengaUniform',
  shape: ({ x }) => ({ shape: x.shape, dtype: 'float32' }),
  compose: ({ x }, { min, span }) =>
    tf.tensor(
      Float32Array.from(x.dataSync(), (word) => (word >>> 9) * 2 ** -23 * span + min),
      x.shape,
    ),
});

interface OffsetAttrs {
  readonly span: number;
  readonly multiplier: number;
}

/** 64 random bits modulo a span, as `randint` takes them: the bits of a uint32 in an int32. */
const offsets = operation<{ readonly high: T; readonly low: T }, OffsetAttrs>({
  name: 'RengaOffsets',
  shape: ({ low }) => ({ shape: low.shape, dtype: 'int32' }),
  compose: ({ high, low }, { span, multiplier }) => {
    const tops = high.dataSync();
    const values = Int32Array.from(low.dataSync(), (word, i) =>
      offsetOf(tops[i] >>> 0, word >>> 0, span, multiplier),
    );
    return toTensor(array(low.shape, 'int32', values) as HostArray);
  },
});

const uniform = (key: OpenKey, shape: Shape, min = 0, span = 1): T =>
  fraction({ x: key.bits(shape) }, { min, span });

const horner = (coefficients: readonly number[], x: T): T =>
  coefficients.slice(1).reduce<T>((sum, c) => tf.add(tf.mul(sum, x), c), tf.fill(x.shape, coefficients[0]));

/** √2·erf⁻¹(u), clipped, then scale·z + shift. */
const normal = (key: OpenKey, shape: Shape, { min, span, lowest, highest, scale, shift }: Normal): T => {
  const u = uniform(key, shape, min, span);
  // For u² of at least a half 1 − u² is exact. Written as a difference it would be another number in JAX, where XLA rounds a
  // product and a difference once.
  const w = tf.neg(tf.log1p(tf.neg(tf.square(u))));
  const inverse = tf.where(
    tf.less(w, 5),
    horner(CENTRAL, tf.sub(w, 2.5)),
    horner(TAIL, tf.sub(tf.sqrt(tf.minimum(w, 17)), 3)),
  );
  const z = tf.mul(tf.mul(inverse, u), Math.fround(Math.SQRT2));
  // At ±1, where the logarithm is of 0, the inverse is infinite: there a bound takes its place.
  const clipped = Number.isFinite(lowest) || Number.isFinite(highest) ? within(z, u, lowest, highest) : z;
  const scaled = scale === 1 ? clipped : tf.mul(clipped, scale);
  return shift === 0 ? scaled : tf.add(scaled, shift);
};

const largest = 3.4028234663852886e38;

const within = (z: T, u: T, lowest: number, highest: number): T => {
  const all = tf.where(tf.less(tf.abs(u), 1), z, tf.mul(u, largest));
  return tf.minimum(tf.maximum(all, Math.max(lowest, -largest)), Math.min(highest, largest));
};

/** 0..length, sorted by random words: equal words stay in their order. */
const order = (key: OpenKey, length: number, rounds: number): T => {
  let link = key;
  let places: T = tf.range(0, length, 1, 'int32');
  for (let round = 0; round < rounds; round++) {
    const [next, sub] = link.split();
    // The largest of these is the smallest word, read without a sign.
    const flipped = tf.sub(tf.scalar(0x7fffffff, 'int32'), sub.bits([length]));
    const { indices } = tf.topk(flipped, length);
    places = round === 0 ? indices : tf.gather(places, indices as tf.Tensor1D);
    link = next;
  }
  return places;
};

/** The low bits of each word. */
const narrow = (key: OpenKey, shape: Shape, width: 8 | 16): T => {
  if (key.mode === 'legacy')
    throw new Error(
      `bits: a legacy key of a function that is written down gives words of 32 bits, not ${width}; draw those`,
    );
  const low = key.bits(shape);
  return offsets({ high: low, low }, { span: 2 ** width, multiplier: 0 });
};

/** The tensor of a draw. */
export const drawTensor = (key: OpenKey, draw: OpenDraw): T => {
  if (draw.kind === 'order') return order(key, draw.length, draw.rounds);
  const { shape } = draw;
  switch (draw.kind) {
    case 'bits':
      return draw.width === 32 ? key.bits(shape) : narrow(key, shape, draw.width);
    case 'floats': {
      const { distribution } = draw;
      return distribution.kind === 'normal'
        ? normal(key, shape, distribution)
        : uniform(key, shape, distribution.min, distribution.span);
    }
    case 'bernoulli':
      return tf.less(uniform(key, shape), draw.p);
    case 'gumbel':
      return tf.neg(tf.log(tf.neg(tf.log(uniform(key, shape, TINY, 1)))));
    case 'randint': {
      const [high, low] = key.split().map((each) => each.bits(shape));
      const { span, multiplier, min } = draw;
      const found = offsets({ high, low }, { span, multiplier });
      return min === 0 ? found : tf.add(found, tf.scalar(min, 'int32'));
    }
  }
};

/** The dtype of the host array that a draw is. */
export const dtypeOf = (draw: OpenDraw): 'float32' | 'bool' | 'int32' | 'uint32' | 'uint16' | 'uint8' => {
  if (draw.kind === 'bernoulli') return 'bool';
  if (draw.kind === 'bits') return `uint${draw.width}`;
  return draw.kind === 'floats' || draw.kind === 'gumbel' ? 'float32' : 'int32';
};

/** The shape of a draw. */
export const shapeOf = (draw: OpenDraw): Shape => (draw.kind === 'order' ? [draw.length] : draw.shape);
