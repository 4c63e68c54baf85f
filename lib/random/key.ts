/**
 * Random keys and their derivation: `key` from a seed, `split` into independent keys, `foldIn` of a number.
 * A key carries its mode, so two models made under different JAX defaults can live side by side.
 */
import { inPlaceOfWords, openWords } from './openWords.js';
import { threefry2x32 } from './threefry.js';

/**
 * The random stream of a key, one of JAX's two: `partitionable`, the default since JAX 0.5, or `legacy`
 * (`jax_threefry_partitionable = False`), the default before.
 */
export type Mode = 'partitionable' | 'legacy';

/** A threefry key: two uint32 words, and the mode that everything derived from it inherits. */
export interface Key {
  readonly mode: Mode;
  readonly words: readonly [number, number];
}

/** Throws unless `value` is a count: an integer of at least 0. */
export const expectCount = (name: string, value: number): void => {
  if (!Number.isInteger(value) || value < 0) {
    throw new RangeError(`${name} must be an integer of at least 0, got ${value}`);
  }
};

/**
 * The key of a seed, as `jax.random.key` and `PRNGKey` give it with 64-bit types off: the seed's low 32 bits.
 * @param seed an integer of 64 bits; -1 and 2³² - 1 give the same key, and so do 5 and 2⁴⁰ + 5
 * @throws RangeError when the seed is not an integer (give seeds past 2⁵³ as bigint) or not of 64 bits
 * @example key(42).words // [0, 42]
 * Source: jax/_src/random/threefry2x32.py `_threefry_seed`.
 */
export const key = (seed: number | bigint, mode: Mode = 'partitionable'): Key => {
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
    throw new RangeError(`a seed must be an integer below 2^53 (or a bigint), got ${seed}`);
  }
  const wide = BigInt(seed);
  if (BigInt.asIntN(64, wide) !== wide) {
    throw new RangeError(`a seed must fit 64 bits with a sign, got ${seed}`);
  }
  return { mode, words: [0, Number(BigInt.asUintN(32, wide))] };
};

/**
 * `n` independent keys. The first of them differ between the modes; in legacy mode they also depend on `n`.
 * @throws RangeError when n is not a count
 * @example const [next, sub] = split(key(42))
 * Source: jax/_src/random/threefry2x32.py `_threefry_split_foldlike`, `_threefry_split_original`.
 */
export const split = ({ mode, words }: Key, n = 2): Key[] => {
  expectCount('the number of keys', n);
  const open = openWords(words);
  if (open) return open.split(n, mode).map((each) => ({ mode, words: inPlaceOfWords(each) }));
  const first = new Uint32Array(n);
  const second = new Uint32Array(n);
  if (mode === 'partitionable') {
    threefry2x32(words, { high: 0, highStep: 0, low: 0 }, n, first, second);
    return Array.from(first, (word, i) => ({ mode, words: [word, second[i]] }));
  }
  threefry2x32(words, { high: 0, highStep: 1, low: n }, n, first, second);
  const word = (i: number): number => (i < n ? first[i] : second[i - n]);
  return Array.from(first, (_, i) => ({ mode, words: [word(2 * i), word(2 * i + 1)] }));
};

/**
 * The key for one member of a family: derives from `from` by an integer, the same in both modes.
 * @param data an integer in [0, 2³²)
 * @throws RangeError when data is out of range
 * Source: jax/_src/random/threefry2x32.py `_threefry_fold_in`.
 */
export const foldIn = ({ mode, words }: Key, data: number): Key => {
  if (!Number.isInteger(data) || data < 0 || data > 0xffffffff) {
    throw new RangeError(`foldIn takes an integer in [0, 2^32), got ${data}`);
  }
  const open = openWords(words);
  if (open) return { mode, words: inPlaceOfWords(open.foldIn(data)) };
  const first = new Uint32Array(1);
  const second = new Uint32Array(1);
  threefry2x32(words, { high: 0, highStep: 0, low: data }, 1, first, second);
  return { mode, words: [first[0], second[0]] };
};
