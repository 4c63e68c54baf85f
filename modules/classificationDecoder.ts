/**
 * Classification by one query.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, required } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { basicDecoder, queryFields } from './basicDecoder.js';
import type { Decoder } from './decoder.js';

const source = 'perceiver.py `ClassificationDecoder`';

export const classificationDecoderConfig = config(
  'classificationDecoder',
  'One query that becomes the logits.',
  {
    numClasses: required(count, { doc: 'Number of logits.', source }),
    ...queryFields,
  },
);
export type ClassificationDecoderOptions = OptionsFor<typeof classificationDecoderConfig>;

/**
 * latents [B, N, D] to logits [B, numClasses].
 * Source: perceiver.py `ClassificationDecoder`.
 */
export const classificationDecoder = (options: ClassificationDecoderOptions) => {
  const config = classificationDecoderConfig.make(options);
  const { numClasses, ...query } = config;
  return module(
    'classification_decoder',
    (s): Decoder<tf.Tensor2D> => {
      const decoder = s.declare(basicDecoder({ ...query, outputIndexDims: [1], outputChannels: numClasses }));
      return {
        decoderQuery: (batch, from) => decoder.decoderQuery(batch, from),
        call: (query, latents) => tf.squeeze(tf.slice(decoder(query, latents), [0, 0, 0], [-1, 1, -1]), [1]), // [B, 1, classes]
      };
    },
    { kind: 'decoder', config },
  );
};
