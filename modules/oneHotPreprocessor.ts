/**
 * A label as a sequence of one element for an encoder, without position.
 */
import * as tf from '@tensorflow/tfjs-core';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import type { Preprocessed } from './processor.js';

/**
 * One-hot labels [B, C] to inputs [B, 1, C]. No parameters.
 * Source: io_processors.py `OneHotPreprocessor`.
 */
export const oneHotPreprocessor = () =>
  module(
    'one_hot_preprocessor',
    () =>
      (x: tf.Tensor): Preprocessed => {
        expectShape('x', x.shape, ['B', 'C']);
        const inputs = tf.expandDims(x, 1);
        return { inputs, withoutPositions: inputs };
      },
    { kind: 'preprocessor' },
  );
