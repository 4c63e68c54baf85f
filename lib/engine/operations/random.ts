/**
 * Random numbers as operations on a key that is a tensor, int32 [2]: the same bits as the host draws, recorded where a
 * program is written down. Their names are those of a graph's kernels; backends compute them by the host's threefry.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type HostArray, type Shape, array } from '../../data/array.js';
import { toTensor } from '../../data/leaf.js';
import { openArray } from '../../data/openArray.js';
import {
  bernoulli,
  bits,
  foldIn,
  inPlaceOfWords,
  type Key,
  type LazyKey,
  MissingKeyError,
  type Mode,
  type OpenDraw,
  openWords,
  type OpenWords,
  split,
  uniform,
  type UniformRange,
} from '../../random/index.js';
import { emptyLike, isUnseen, isWithoutData } from '../shapes/withoutData.js';
import { drawTensor, dtypeOf, type OpenKey, shapeOf } from './openDraws.js';
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

  draw(draw: OpenDraw, mode: Mode): HostArray {
    return openArray(shapeOf(draw), dtypeOf(draw), () => drawTensor(this.key(mode), draw));
  }

  private key(mode: Mode): OpenKey {
    return {
      mode,
      bits: (shape) => randomBits({ key: this.tensor }, { mode, shape }),
      split: () => this.split(2, mode).map((each) => each.key(mode)) as [OpenKey, OpenKey],
    };
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
  draw: (key: Key) => HostArray,
): T => {
  const key = keyIfGiven(lazyKey);
  if (!key || (isUnseen() && !openWords(key.words))) return emptyLike({ shape, dtype });
  return toTensor(draw(key));
};

/**
 * Uniform floats in [min, max) as a tensor.
 * @returns float32 of the shape, the bits of `uniform`; a program that is written down records the draw
 * @throws MissingKeyError when no key was given
 */
export const uniformTensor = (key: LazyKey, shape: Shape, range: UniformRange = {}): T =>
  drawn(key, shape, 'float32', (given) => uniform(given, shape, range));

/**
 * Trials that are true with probability p, as a tensor.
 * @returns bool of the shape, the bits of `bernoulli`; a program that is written down records the draw
 * @throws MissingKeyError when no key was given
 */
export const bernoulliTensor = (key: LazyKey, p: number, shape: Shape): T =>
  drawn(key, shape, 'bool', (given) => bernoulli(given, p, shape));
