/**
 * The decoder without attention: logits from the mean of the latents.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, required } from '../lib/data/config.js';
import { zeros } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import type { Decoder } from './decoder.js';
import { linear } from './linear.js';

export const projectionDecoderConfig = config(
  'projectionDecoder',
  'A linear layer on the mean of the latents.',
  {
    numClasses: required(count, { doc: 'Number of logits.', source: 'perceiver.py `ProjectionDecoder`' }),
  },
);
export type ProjectionDecoderOptions = OptionsFor<typeof projectionDecoderConfig>;

/**
 * latents [B, N, D] to logits [B, numClasses]; there are no queries.
 * Source: perceiver.py `ProjectionDecoder`.
 */
export const projectionDecoder = (options: ProjectionDecoderOptions) => {
  const config = projectionDecoderConfig.make(options);
  return module(
    'projection_decoder',
    (s): Decoder<tf.Tensor2D> => {
      const logits = s.declare(linear(config.numClasses, { wInit: zeros, name: 'logits' }));
      return {
        decoderQuery: () => ({}),
        call: (_query, latents) => logits(tf.mean(latents, 1)) as tf.Tensor2D,
      };
    },
    { kind: 'decoder', config },
  );
};
