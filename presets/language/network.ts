/**
 * Masked language modelling over bytes: the whole model and its config.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import {
  config,
  type ConfigOf,
  type ConfigProblem,
  count,
  flag,
  required,
  withDefault,
} from '../../lib/data/config.js';
import type { Layer } from '../../lib/language/scope.js';
import { basicDecoder, basicDecoderConfig } from '../../modules/basicDecoder.js';
import { embed } from '../../modules/embed.js';
import { embeddingDecoder } from '../../modules/embeddingDecoder.js';
import { encoder, encoderConfig } from '../../modules/encoder.js';
import { perceiver } from '../../modules/perceiver.js';
import { readColab } from '../../modules/haiku/colab.js';
import { trainablePosition } from '../../modules/trainablePosition.js';

const { outputIndexDims: _maxLength, outputChannels: _unprojected, ...queries } = basicDecoderConfig.fields;

export const languageConfig = config('language', 'A masked language model.', {
  vocabSize: required(count, {
    doc: 'Number of token ids: 256 bytes after 6 special tokens, for text as bytes.',
  }),
  maxLength: required(count, {
    doc: 'Number of positions; shorter texts are padded, and the padding is masked.',
  }),
  modelChannels: required(count, { doc: 'Width of token embeddings and of the outputs.' }),
  encoder: required(encoderConfig, { doc: 'The encoder.' }),
  decoder: required(config('languageDecoder', 'One query for each position.', queries), {
    doc: 'The decoder.',
  }),
  maskQueries: withDefault(flag, true, {
    doc: "Masks the queries of padding, as DeepMind's code does; Hugging Face's does not. Outputs of the text are the same either way.",
    source: "DeepMind's masked language modelling colab; transformers `PerceiverBasicDecoder`",
  }),
});
export type LanguageConfig = ConfigOf<typeof languageConfig>;

/** ids [B, T] int32 and mask [B, T], 1 = a token is there, to logits [B, T, vocabSize]. */
export type LanguageNetwork = Layer<[ids: tf.Tensor, mask: tf.Tensor], tf.Tensor3D>;

/**
 * Tokens and positions are embedded, encoded and decoded position by position; the output is compared with the
 * embeddings themselves.
 * Source: DeepMind's masked language modelling colab, `apply_perceiver`; arXiv:2107.14795, section 4.1.
 */
export const languageNetwork =
  (config: LanguageConfig): LanguageNetwork =>
  (s, ids, mask) => {
    const { vocabSize, maxLength, modelChannels, maskQueries } = config;
    const embedding = s.declare(embed({ vocabSize, numChannels: modelChannels }));
    const tokens = embedding(ids); // [B, T, C]
    const positions = trainablePosition(maxLength, { numChannels: modelChannels })(s, ids.shape[0]);
    const model = perceiver({
      encoder: s.declare(encoder(config.encoder)),
      decoder: s.declare(
        basicDecoder({ ...config.decoder, outputIndexDims: [maxLength], outputChannels: modelChannels }),
      ),
    });
    const masks = { inputMask: mask, queryMask: maskQueries ? mask : undefined };
    const outputs = model(s, tf.add(tokens, positions), masks); // [B, T, C]
    return embeddingDecoder()(s, outputs, embedding.table());
  };

/** Reads the colab's arguments as changes to the config. */
const fromColab = readColab({
  vocab_size: 'vocabSize',
  d_model: 'modelChannels',
  max_seq_len: 'maxLength',
  encoder: { source: 'perceiver.PerceiverEncoder', field: 'encoder' },
  decoder: {
    source: 'perceiver.BasicDecoder',
    field: 'decoder',
    without: ['outputIndexDims', 'outputChannels'],
  },
});

/** The parts of every masked language model: `language` and `words` add published values and weights. */
export const maskedLanguageModel = {
  task: 'fill-mask' as const,
  codec: languageConfig,
  network: languageNetwork,
  inputs: ({ maxLength }: LanguageConfig) =>
    [{ shape: [1, maxLength], dtype: 'int32' as const }, { shape: [1, maxLength] }] as const,
  names: { inputs: ['ids', 'mask'], output: 'logits' },
  inputGrid: ({ maxLength }: LanguageConfig) => ({ shape: [maxLength], start: 0 }),
  fromHaiku: (kwargs: unknown) => fromColab(kwargs) as E.Either<readonly ConfigProblem[], object>,
};
