/**
 * Random numbers as operations on a key that is a tensor, int32 [2]: the same bits as the host draws, recorded where a
 * program is written down. Their names are those of a graph's kernels; backends compute them by the host's threefry.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type HostArray, type Shape, array } from '../../data/array.js';
import { toTensor } from '../../data/leaf.js';
import {
  bernoulli,
  bits,
  foldIn,
  inPlaceOfWords,
  type Key,
  type LazyKey,
  MissingKeyError,
  type Mode,
  openWords,
  type OpenWords,
  split,
  uniform,
  type UniformRange,
} from '../../random/index.js';
import { emptyLike, isUnseen, isWithoutData } from '../shapes/withoutData.js';
import { operation } from './operation.js';

type T = tf.Tensor;

interface KeyInput {
  /** int32 [2]: the bits of the two words. */
  readonly key: T;
}

interface ModeAttrs {
  readonly mode: Mode;
}

const keyOf = (words: T, mode: Mode): Key => {
  const [first, second] = words.dataSync();
  return { mode, words: [first >>> 0, second >>> 0] };
};

const int32Tensor = (shape: Shape, words: ArrayLike<number>): T =>
  toTensor(array(shape, 'int32', Int32Array.from(words)) as HostArray);

/** `count` keys: int32 [count, 2]. */
const splitWords = operation<KeyInput, ModeAttrs & { readonly count: number }>({
  name: 'RengaSplitKey',
  shape: (_key, { count }) => ({ shape: [count, 2], dtype: 'int32' }),
  compose: ({ key }, { mode, count }) =>
    int32Tensor(
      [count, 2],
      split(keyOf(key, mode), count).flatMap(({ words }) => words),
    ),
});

/** The key folded with a number: int32 [2]. */
const foldWords = operation<KeyInput, { readonly data: number }>({
  name: 'RengaFoldIn',
  shape: () => ({ shape: [2], dtype: 'int32' }),
  compose: ({ key }, { data }) => int32Tensor([2], foldIn(keyOf(key, 'partitionable'), data).words),
});

/** Random words: int32 of the shape. */
const randomBits = operation<KeyInput, ModeAttrs & { readonly shape: Shape }>({
  name: 'RengaBits',
  shape: (_key, { shape }) => ({ shape: [...shape], dtype: 'int32' }),
  compose: ({ key }, { mode, shape }) => int32Tensor(shape, bits(keyOf(key, mode), shape).data),
});

/** The top 23 bits of each word as a fraction: float32 in [0, 1). */
const fraction = operation<{ readonly x: T }, object>({
  name: 'RengaFraction',
  shape: ({ x }) => ({ shape: x.shape, dtype: 'float32' }),
  compose: ({ x }) => {
    const fractions = Float32Array.from(x.dataSync(), (word) => (word >>> 9) * 2 ** -23);
    return tf.tensor(fractions, x.shape);
  },
});

/** The words of a key inside of a program. */
class TensorWords implements OpenWords {
  constructor(readonly tensor: T) {}

  split(count: number, mode: Mode): TensorWords[] {
    const rows = splitWords({ key: this.tensor }, { count, mode });
    return Array.from(
      { length: count },
      (_, i) => new TensorWords(tf.reshape(tf.slice(rows, [i, 0], [1, 2]), [2])),
    );
  }

  foldIn(data: number): TensorWords {
    return new TensorWords(foldWords({ key: this.tensor }, { data }));
  }
}

/** A key made of a tensor, int32 [2], whose values are not known yet. */
export const keyOfTensor = (words: T, mode: Mode): Key => ({
  mode,
  words: inPlaceOfWords(new TensorWords(words)),
});

/** The tensor of a key, or of an array of its words; undefined where the words are numbers. */
export const tensorOfWords = (words: ArrayLike<unknown>): T | undefined => {
  const open = openWords(words);
  return open instanceof TensorWords ? open.tensor : undefined;
};

/** A key that has not been given yet when shapes alone are read is undefined. */
const keyIfGiven = (key: LazyKey): Key | undefined => {
  try {
    return key();
  } catch (error) {
    if (error instanceof MissingKeyError && isWithoutData()) return undefined;
    throw error;
  }
};

/**
 * A draw as a tensor. Nothing is drawn where shapes alone are read; from an open key the program draws; from a known key
 * the host does.
 */
const drawn = (
  lazyKey: LazyKey,
  shape: Shape,
  dtype: 'float32' | 'bool',
  onHost: (key: Key) => HostArray,
  fromFractions: (fractions: T) => T,
): T => {
  const key = keyIfGiven(lazyKey);
  if (!key) return emptyLike({ shape, dtype });
  const words = tensorOfWords(key.words);
  if (!words) return isUnseen() ? emptyLike({ shape, dtype }) : toTensor(onHost(key));
  return fromFractions(fraction({ x: randomBits({ key: words }, { mode: key.mode, shape }) }, {}));
};

/**
 * Uniform floats in [min, max) as a tensor.
 * @returns float32 of the shape, the bits of `uniform`; a program that is written down records the draw
 * @throws MissingKeyError when no key was given
 */
export const uniformTensor = (key: LazyKey, shape: Shape, range: UniformRange = {}): T => {
  const { min = 0, max = 1 } = range;
  return drawn(
    key,
    shape,
    'float32',
    (known) => uniform(known, shape, range),
    (fractions) => (min === 0 && max === 1 ? fractions : tf.add(tf.mul(fractions, max - min), min)),
  );
};

/**
 * Trials that are true with probability p, as a tensor.
 * @returns bool of the shape, the bits of `bernoulli`; a program that is written down records the draw
 * @throws MissingKeyError when no key was given
 */
export const bernoulliTensor = (key: LazyKey, p: number, shape: Shape): T =>
  drawn(
    key,
    shape,
    'bool',
    (known) => bernoulli(known, p, shape),
    (fractions) => tf.less(fractions, Math.fround(p)),
  );
