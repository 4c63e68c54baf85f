/**
 * The published masked language model over bytes.
 */
import { either as E } from 'fp-ts';
import type { ConfigProblem } from '../../lib/data/config.js';
import { readColab } from '../../modules/haiku/colab.js';
import { preset } from '../preset.js';
import { maskedLanguage } from './huggingFace.js';
import { type LanguageConfig, languageConfig, languageNetwork } from './network.js';
import { fillMask } from './run.js';

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
  run: fillMask,
  fromHaiku: (kwargs: unknown) => fromColab(kwargs) as E.Either<readonly ConfigProblem[], object>,
};

export const language = preset({
  ...maskedLanguageModel,
  name: 'language',
  title: 'Masked language modelling over UTF-8 bytes',
  doc: 'A text of up to 2048 bytes, some of them missing, to the missing bytes.',
  sources: ['arXiv:2107.14795, section 4.1 and table 11', "DeepMind's masked language modelling colab"],
  checkpoint: {
    url: new URL('https://storage.googleapis.com/perceiver_io/language_perceiver_io_bytes.pickle'),
    license: 'CC BY 4.0 (DeepMind)',
  },
  notes: [
    'Queries are 768 wide, as in table 11 and in the code; table 6 says 1280.',
    'The published 113B FLOPs are those of 24 layers; the 26 of the model take 120.9B.',
  ],
  published: {
    vocabSize: 262,
    maxLength: 2048,
    modelChannels: 768,
    encoder: {
      numLatents: 256,
      numLatentChannels: 1280,
      numBlocks: 1,
      numSelfAttendsPerBlock: 26,
      numSelfAttendHeads: 8,
      numCrossAttendHeads: 8,
      qkChannels: 256,
      vChannels: 1280,
    },
    decoder: {
      position: { kind: 'trainable', numChannels: 768 },
      numHeads: 8,
      qkChannels: 256,
      vChannels: 768,
      finalProject: false,
    },
  },
  small: {
    maxLength: 32,
    modelChannels: 16,
    encoder: {
      numLatents: 4,
      numLatentChannels: 16,
      numSelfAttendsPerBlock: 2,
      numSelfAttendHeads: 4,
      numCrossAttendHeads: 4,
      qkChannels: 16,
      vChannels: 16,
    },
    decoder: { position: { kind: 'trainable', numChannels: 16 }, numHeads: 4, qkChannels: 16, vChannels: 16 },
  },
  huggingFace: maskedLanguage,
  about: async () => (await import('./about.js')).about,
  original: async () => (await import('./verify.js')).original,
});
