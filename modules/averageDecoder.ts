/**
 * Classification without queries, as in the first Perceiver: the mean of the latents, projected to the logits.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, required } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import type { Decoder } from './decoder.js';
import { linear } from './linear.js';

export const averageDecoderConfig = config('averageDecoder', 'The mean of the latents, projected.', {
  numClasses: required(count, { doc: 'Number of logits.', source: 'arXiv:2103.03206, section 3.2' }),
});
export type AverageDecoderOptions = OptionsFor<typeof averageDecoderConfig>;

/**
 * latents [B, N, D] to logits [B, numClasses].
 * Source: arXiv:2103.03206, section 3.2; arXiv:2107.14795, appendix C.
 */
export const averageDecoder = (options: AverageDecoderOptions) => {
  const config = averageDecoderConfig.make(options);
  return module(
    'average_decoder',
    (s): Decoder<tf.Tensor2D> => ({
      decoderQuery: () => ({}),
      call: (_query, latents) =>
        linear(config.numClasses, { name: 'output' })(s, tf.mean(latents, 1)) as tf.Tensor2D, // [B, D]
    }),
    { kind: 'decoder', config },
  );
};
