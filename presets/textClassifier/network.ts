/**
 * Texts to classes: the language model's encoder over bytes, and one query for the whole text or one for each token.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, type ConfigOf, count, oneOf, required, withDefault } from '../../lib/data/config.js';
import type { Declared, Layer, Scope } from '../../lib/language/scope.js';
import { basicDecoder, basicDecoderConfig } from '../../modules/basicDecoder.js';
import { classificationDecoder } from '../../modules/classificationDecoder.js';
import type { Decoder } from '../../modules/decoder.js';
import { embed } from '../../modules/embed.js';
import { encoder } from '../../modules/encoder.js';
import { perceiver } from '../../modules/perceiver.js';
import { trainablePosition } from '../../modules/trainablePosition.js';
import { languageConfig } from '../language/network.js';

const { vocabSize, maxLength, modelChannels, encoder: encoderField } = languageConfig.fields;
const { outputIndexDims: _places, outputChannels: _classes, ...queries } = basicDecoderConfig.fields;

export const textClassifierConfig = config('textClassifier', 'A classifier of texts, or of their tokens.', {
  vocabSize,
  maxLength,
  modelChannels,
  encoder: encoderField,
  decoder: required(config('textClassifierDecoder', 'The queries and the decoder.', queries), {
    doc: 'The decoder.',
  }),
  numClasses: required(count, { doc: 'Number of classes.' }),
  answers: withDefault(oneOf('text', 'tokens'), 'text', {
    doc: 'text: one query, whose logits are those of the whole text. tokens: a query for each position, whose logits are those of its token.',
    source: 'transformers `PerceiverForSequenceClassification`; tokens: our choice',
  }),
});
export type TextClassifierConfig = ConfigOf<typeof textClassifierConfig>;

/** ids [B, T] int32 and mask [B, T], 1 = a token is there, to logits [B, classes], or [B, T, classes] for tokens. */
export type TextClassifierNetwork = Layer<[ids: tf.Tensor, mask: tf.Tensor], tf.Tensor>;

/** The decoder of the whole text, or of each position. */
const decoderOf = (s: Scope, config: TextClassifierConfig): Declared<Decoder<tf.Tensor>> => {
  const { answers, decoder, numClasses, maxLength } = config;
  return answers === 'text'
    ? s.declare(classificationDecoder({ ...decoder, numClasses }))
    : s.declare(basicDecoder({ ...decoder, outputIndexDims: [maxLength], outputChannels: numClasses }));
};

/** Source: transformers `PerceiverForSequenceClassification`; parts as in DeepMind's language model. */
export const textClassifierNetwork =
  (config: TextClassifierConfig): TextClassifierNetwork =>
  (s, ids, mask) => {
    const { vocabSize, maxLength, modelChannels: numChannels } = config;
    const tokens = embed({ vocabSize, numChannels })(s, ids); // [B, T, C]
    const positions = trainablePosition(maxLength, { numChannels })(s, ids.shape[0]);
    const model = perceiver({
      encoder: s.declare(encoder(config.encoder)),
      decoder: decoderOf(s, config),
    });
    return model(s, tf.add(tokens, positions), { inputMask: mask });
  };
