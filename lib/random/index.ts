/**
 * JAX's random numbers, bit for bit: threefry keys in both of JAX's modes, lazy sequences of them, and every
 * distribution drawn from them. All are pure: the same key gives the same numbers.
 */
export { type Key, type Mode, foldIn, key, split } from './key.js';
export { type KeySequence, type LazyKey, MissingKeyError, keySequence } from './keySequence.js';
export { bits } from './bits.js';
export { type UniformRange, bernoulli, uniform } from './uniform.js';
export { type Affine, normal, truncatedNormal } from './normal.js';
export { gumbel } from './gumbel.js';
export { type CategoricalOptions, categorical, permutation, randint } from './discrete.js';
export { beta, gamma, loggamma } from './gamma.js';
export { inPlaceOfWords, type OpenWords, openWords } from './openWords.js';
