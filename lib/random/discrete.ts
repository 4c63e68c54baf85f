/** Random integers: uniform in a range, permutations, and categories by their log-probabilities. */
import { type DType, type HostArray, type Shape, array, int32, sizeOf } from '../data/array.js';
import { showShape } from '../data/shape.js';
import { drawSize, randomWords } from './bits.js';
import { gumbel } from './gumbel.js';
import { type Key, expectCount, split } from './key.js';
import { openDraw, openWords } from './openWords.js';

const { fround } = Math;

/** a·b modulo 2³². */
const multiply = (a: number, b: number): number => Math.imul(a, b) >>> 0;

/** 64 random bits modulo a span of 32 bits; the multiplier is 2³² modulo the span. */
export const offsetOf = (high: number, low: number, span: number, multiplier: number): number =>
  ((multiply(high % span, multiplier) + (low % span)) >>> 0) % span;

const expectInt32 = (name: string, value: number): void => {
  if ((value | 0) !== value)
    throw new RangeError(`randint: ${name} must be an integer of 32 bits, got ${value}`);
};

/**
 * Random integers in [min, max): 64 random bits modulo the range, slightly uneven unless it is a power of 2.
 * @param min int32
 * @param max int32; where it is not above min every draw is min, as in JAX
 * @returns int32 of `shape`
 * @throws RangeError when min or max is not an int32, or a dimension is not a count
 * @example randint(key(0), [5], 0, 10)
 * Source: jax/_src/random/core.py `_randint`.
 */
export const randint = (key: Key, shape: Shape, min: number, max: number): HostArray<'int32'> => {
  expectInt32('min', min);
  expectInt32('max', max);
  const size = drawSize(shape);
  const span = (max > min ? max - min : 1) >>> 0;
  const root = 2 ** 16 % span;
  const multiplier = multiply(root, root) % span;
  const open = openDraw<'int32'>(key, { kind: 'randint', shape, min, span, multiplier });
  if (open) return open;
  const [highKey, lowKey] = split(key);
  const [high, low] = [randomWords(highKey, size), randomWords(lowKey, size)];
  const out = new Int32Array(size);
  for (let i = 0; i < size; i++) out[i] = min + offsetOf(high[i], low[i], span, multiplier);
  return array(shape, 'int32', out);
};

const roundsOf = (n: number): number => Math.ceil((3 * Math.log(Math.max(1, n))) / Math.log(2 ** 32 - 1));

/** 0..n in a random order: sorted by random words, often enough that ties leave no trace. */
const shuffled = (key: Key, n: number): Uint32Array => {
  const rounds = roundsOf(n);
  let order = Uint32Array.from({ length: n }, (_, i) => i);
  let link = key;
  for (let round = 0; round < rounds; round++) {
    const [next, sub] = split(link);
    const sortKeys = randomWords(sub, n);
    // Both JAX's sort and this one leave equal words in their order.
    const places = Uint32Array.from({ length: n }, (_, i) => i).sort(
      (a, b) => sortKeys[a] - sortKeys[b] || a - b,
    );
    order = places.map((place) => order[place]);
    link = next;
  }
  return order;
};

/**
 * A random order of 0..n, or an array with its slices along `axis` in a random order.
 * @param input a count, or an array of at least one axis
 * @returns int32 [n], or an array of the input's shape and dtype
 * @throws RangeError when the count is not one, or the array lacks the axis
 * @example permutation(key(0), 4) // int32 [4]
 * Source: jax/_src/random/core.py `permutation`, `_shuffle`.
 */
export function permutation(key: Key, input: number): HostArray<'int32'>;
export function permutation<D extends DType>(key: Key, input: HostArray<D>, axis?: number): HostArray<D>;
export function permutation(key: Key, input: number | HostArray, axis = 0): HostArray {
  if (typeof input === 'number') {
    expectCount('the length of a permutation', input);
    const open = openDraw<'int32'>(key, { kind: 'order', length: input, rounds: roundsOf(input) });
    return open ?? int32([input], shuffled(key, input));
  }
  const { shape, dtype, data } = input;
  const position = axis < 0 ? axis + shape.length : axis;
  const length = shape[position];
  if (length === undefined) throw new RangeError(`permutation: no axis ${axis} in shape ${showShape(shape)}`);
  if (openWords(key.words))
    throw new Error(
      'permutation: the order is not known while the function is written down; take the slices of a tensor by ' +
        'tf.gather(x, toTensor(permutation(key, x.shape[axis])), axis)',
    );
  const slice = sizeOf(shape.slice(position + 1));
  const out = data.slice();
  shuffled(key, length).forEach((from, to) => {
    for (let start = 0; start < data.length; start += length * slice) {
      const source = data.subarray(start + from * slice, start + (from + 1) * slice);
      out.set(source as never, start + to * slice);
    }
  });
  return array(shape, dtype, out);
}

/** Options of `categorical`. */
export interface CategoricalOptions {
  /** The axis of `logits` that holds the categories; the last one. */
  readonly axis?: number;
  /** Shape of the result: any axes, then those of `logits` without `axis`; only the latter unless given. */
  readonly shape?: Shape;
}

/**
 * Categories drawn with replacement, with the probabilities softmax(logits).
 * @param logits float32, log-probabilities up to a constant; -Infinity is never drawn
 * @returns int32 of `shape`, each in [0, number of categories)
 * @throws RangeError when there is no such axis, it is empty, or `shape` does not end as it must
 * @example categorical(key(0), float32([3], [0, 1, 2]), { shape: [10] })
 * Source: jax/_src/random/core.py `_categorical`.
 */
export const categorical = (
  key: Key,
  logits: HostArray<'float32'>,
  { axis = -1, shape }: CategoricalOptions = {},
): HostArray<'int32'> => {
  const position = axis < 0 ? axis + logits.shape.length : axis;
  const categories = logits.shape[position];
  if (!categories)
    throw new RangeError(`categorical: no categories on axis ${axis} of ${showShape(logits.shape)}`);
  const batch = logits.shape.filter((_, i) => i !== position);
  const outShape = shape ?? batch;
  const extra = outShape.length - batch.length;
  if (extra < 0 || batch.some((n, i) => outShape[extra + i] !== n)) {
    throw new RangeError(`categorical: shape [${outShape.join(', ')}] must end in [${batch.join(', ')}]`);
  }
  if (openWords(key.words))
    throw new Error(
      'categorical: the categories are not known while the function is written down; draw them by ' +
        'tf.argMax(tf.add(logits, toTensor(gumbel(key, logits.shape))), axis)',
    );
  const noise = gumbel(key, [...outShape.slice(0, extra), ...logits.shape]).data;
  const inner = sizeOf(logits.shape.slice(position + 1));
  const out = new Int32Array(sizeOf(outShape));
  for (let i = 0; i < out.length; i++) {
    const start = Math.floor(i / inner) * categories * inner + (i % inner);
    let best = -Infinity;
    for (let c = 0; c < categories; c++) {
      const at = start + c * inner;
      const score = fround(noise[at] + logits.data[at % logits.data.length]);
      if (score > best) [best, out[i]] = [score, c];
    }
  }
  return array(outShape, 'int32', out);
};
