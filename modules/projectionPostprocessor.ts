/**
 * Decoded elements, projected to another width.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, required } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { linear } from './linear.js';

export const projectionPostprocessorConfig = config(
  'projectionPostprocessor',
  'Decoded elements, projected to another width.',
  {
    outputChannels: required(count, {
      doc: 'Width of each output element.',
      source: 'io_processors.py `ProjectionPostprocessor`, num_outputs',
    }),
  },
);
export type ProjectionPostprocessorOptions = OptionsFor<typeof projectionPostprocessorConfig>;

/**
 * [..., C] to [..., outputChannels]. Declares `linear`.
 * Source: io_processors.py `ProjectionPostprocessor`.
 */
export const projectionPostprocessor = (options: ProjectionPostprocessorOptions) => {
  const config = projectionPostprocessorConfig.make(options);
  return module('projection_postprocessor', (s) => (x: tf.Tensor) => linear(config.outputChannels)(s, x), {
    kind: 'postprocessor',
    config,
  });
};
