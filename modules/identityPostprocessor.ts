/**
 * Decoded elements as they are, as a module.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { module } from '../lib/language/module.js';

/**
 * Gives back what it is given. No parameters.
 * Source: io_processors.py `IdentityPostprocessor`.
 */
export const identityPostprocessor = () =>
  module('identity_postprocessor', () => (x: tf.Tensor) => x, { kind: 'postprocessor' });
