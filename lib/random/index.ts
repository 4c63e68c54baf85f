/** JAX's random numbers: threefry keys, and every distribution drawn from them, bit for bit. */
export { type Key, type Mode, foldIn, key, split } from './key.js';
export { bits } from './bits.js';
export { type UniformRange, bernoulli, uniform } from './uniform.js';
export { type Affine, normal, truncatedNormal } from './normal.js';
export { type LazyKey, MissingKeyError, keySequence } from './keySequence.js';
