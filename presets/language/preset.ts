/**
 * The published masked language model over bytes, and the larger one that was not released.
 */
import { preset } from '../preset.js';
import { maskedLanguage } from './huggingFace.js';
import { maskedLanguageModel } from './network.js';
import { fillMask } from './run.js';
import { fillPieces } from './run/pieces.js';

/** Source: DeepMind's masked language modelling colab; arXiv:2107.14795, table 11. */
export const published = {
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
    position: { kind: 'trainable' as const, numChannels: 768 },
    numHeads: 8,
    qkChannels: 256,
    vChannels: 768,
    finalProject: false,
  },
};

export const small = {
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
  decoder: {
    position: { kind: 'trainable' as const, numChannels: 16 },
    numHeads: 4,
    qkChannels: 16,
    vChannels: 16,
  },
};

export const language = preset({
  ...maskedLanguageModel,
  run: fillMask,
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
  published,
  small,
  huggingFace: maskedLanguage,
  about: async () => (await import('./about.js')).about,
  original: async () => (await import('./verify.js')).original,
});

export const languagePlus = preset({
  ...maskedLanguageModel,
  run: fillMask,
  name: 'language-plus',
  variantOf: 'language',
  title: 'Masked language modelling over UTF-8 bytes, larger',
  doc: 'A text of up to 2048 bytes, some of them missing, to the missing bytes; twice the parameters, not released.',
  sources: ['arXiv:2107.14795, section 4.1 and table 11, Perceiver IO++'],
  notes: ['Nobody published its parameters.'],
  published: {
    ...published,
    encoder: { ...published.encoder, numLatentChannels: 1536, vChannels: 1536, numSelfAttendsPerBlock: 40 },
  },
  small,
  about: async () => (await import('./about/plus.js')).about,
});

export const languageSentencepiece = preset({
  ...maskedLanguageModel,
  task: 'fill-pieces',
  run: fillPieces,
  name: 'language-sentencepiece',
  variantOf: 'language',
  title: 'Masked language modelling over SentencePiece tokens',
  doc: 'A text of up to 512 pieces of words, some of them missing, to the missing pieces, by a tokenizer of your own.',
  sources: ['arXiv:2107.14795, section 4.1 and table 11, Perceiver IO Base'],
  notes: [
    'Nobody published its parameters, nor its tokenizer of 32,000 pieces.',
    'The published 119B FLOPs are neither those without the logits, 108.4B, nor those with them, 133.6B.',
  ],
  published: { ...published, vocabSize: 32000, maxLength: 512 },
  small: { ...small, vocabSize: 200 },
  about: async () => (await import('./about/pieces.js')).about,
});
