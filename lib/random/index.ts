/**
 * JAX's random numbers, bit for bit: threefry keys in both of JAX's modes, lazy sequences of them, and every
 * distribution drawn from them. All are pure: the same key gives the same numbers. In a function that is traced, compiled or
 * exported, a key that is an argument has no numbers yet: there `toTensor(normal(key, shape))` of `renga` is recorded, for all
 * draws but `categorical`, `beta`, `gamma`, `loggamma` and permutations of arrays.
 */
export { type Key, type Mode, foldIn, key, split } from './key.js';
export { type KeySequence, type LazyKey, MissingKeyError, keySequence } from './keySequence.js';
export { bits } from './bits.js';
export { type UniformRange, bernoulli, uniform } from './uniform.js';
export { type Affine, normal, truncatedNormal } from './normal.js';
export { gumbel } from './gumbel.js';
export { type CategoricalOptions, categorical, permutation, randint } from './discrete.js';
export { beta, gamma, loggamma } from './gamma.js';
export { inPlaceOfWords, type OpenDraw, type OpenWords, openWords } from './openWords.js';
