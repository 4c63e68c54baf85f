/**
 * The first decoded element as logits of classes.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, required } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import { linear } from './linear.js';

export const classificationPostprocessorConfig = config(
  'classificationPostprocessor',
  'The first decoded element as logits.',
  {
    numClasses: required(count, {
      doc: 'Number of classes.',
      source: 'io_processors.py `ClassificationPostprocessor`',
    }),
  },
);
export type ClassificationPostprocessorOptions = OptionsFor<typeof classificationPostprocessorConfig>;

/**
 * Elements [B, N, C] to logits [B, numClasses]; elements after the first are not looked at. Declares `linear`.
 * Source: io_processors.py `ClassificationPostprocessor`.
 */
export const classificationPostprocessor = (options: ClassificationPostprocessorOptions) => {
  const config = classificationPostprocessorConfig.make(options);
  return module(
    'classification_postprocessor',
    (s) => (x: tf.Tensor) => {
      const { B, C } = expectShape('x', x.shape, ['B', 'N', 'C']);
      const first = tf.reshape(tf.slice(x, [0, 0, 0], [B, 1, C]), [B, C]);
      return linear(config.numClasses)(s, first) as tf.Tensor2D;
    },
    { kind: 'postprocessor', config },
  );
};
