/**
 * The published language model, and a small trained one that comes with the package.
 */
import { either as E } from 'fp-ts';
import type { ConfigProblem } from '../../lib/data/config.js';
import { readColab } from '../colab.js';
import { preset } from '../preset.js';
import { fillMask } from './fillMask.js';
import { type LanguageConfig, languageConfig, languageNetwork } from './language.js';

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

const common = {
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
  ...common,
  name: 'language',
  title: 'Masked language modelling over UTF-8 bytes',
  doc: 'A text of up to 2048 bytes, some of them missing, to the missing bytes.',
  sources: ['arXiv:2107.14795, section 4.1 and table 11', "DeepMind's masked language modelling colab"],
  checkpoint: {
    url: new URL('https://storage.googleapis.com/perceiver_io/language_perceiver_io_bytes.pickle'),
    license: 'CC BY 4.0 (DeepMind)',
  },
  notes: [
    'Queries are 768 wide, as table 11 and the code have it; table 6 says 1280.',
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
});

export const words = preset({
  ...common,
  name: 'words',
  title: 'A small masked language model, trained, in the package',
  doc: 'A text of up to 64 bytes, some of them missing, to the missing bytes; half of single letters are right.',
  sources: [
    'the language model of arXiv:2107.14795 at small size, trained with its JAX code: AdamW, 9000 steps of 96',
    'glosses of WordNet 3.0 (Princeton University, WordNet licence)',
  ],
  checkpoint: {
    // Made when it is asked for: bundles that are scripts, not modules, do not know where they are.
    get url() {
      return new URL('./words.pickle', import.meta.url);
    },
    license: 'Apache-2.0; WordNet licence',
  },
  published: {
    vocabSize: 262,
    maxLength: 64,
    modelChannels: 96,
    encoder: {
      numLatents: 32,
      numLatentChannels: 192,
      numBlocks: 1,
      numSelfAttendsPerBlock: 4,
      numSelfAttendHeads: 8,
      numCrossAttendHeads: 8,
      qkChannels: 64,
      vChannels: 192,
    },
    decoder: {
      position: { kind: 'trainable', numChannels: 96 },
      numHeads: 8,
      qkChannels: 64,
      vChannels: 96,
      finalProject: false,
    },
  },
});
