/**
 * The published autoencoder of video, audio and a label, and the two of fewer latents that were not released.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { ConfigProblem } from '../../lib/data/config.js';
import { readColab } from '../../modules/haiku/colab.js';
import { preset } from '../preset.js';
import { multimodalAutoencoding } from './huggingFace.js';
import { autoencoderModel } from './network.js';
import { autoencodeClip } from './run.js';

/** Reads the colab's arguments as changes to the config. */
const fromColab = (kwargs: unknown) =>
  readColab({
    num_frames: 'numFrames',
    audio_samples_per_frame: 'samplesPerFrame',
    samples_per_patch: 'samplesPerPatch',
    num_classes: 'numClasses',
    img_sz: 'patchGrid',
    audio_bands: 'audioBands',
    image_bands: 'imageBands',
    out_ch: 'outputChannels',
    label_query_ch: 'labelQueryChannels',
    encoder: { source: 'perceiver.PerceiverEncoder', field: 'encoder' },
  })(kwargs) as E.Either<readonly ConfigProblem[], object>;

/** Source: DeepMind's video autoencoding colab. */
const published = {
  numFrames: 16,
  patchGrid: 56,
  samplesPerFrame: 1920,
  samplesPerPatch: 16,
  numClasses: 700,
  imageBands: 32,
  audioBands: 192,
  outputChannels: 512,
  labelQueryChannels: 1024,
  encoder: {
    numLatents: 784,
    numLatentChannels: 512,
    numBlocks: 1,
    numSelfAttendsPerBlock: 8,
    numSelfAttendHeads: 8,
    numCrossAttendHeads: 1,
  },
};

/** The parts of the autoencoder at any number of latents. */
const autoencoder = {
  ...autoencoderModel,
  small: {
    numFrames: 2,
    patchGrid: 4,
    samplesPerFrame: 32,
    samplesPerPatch: 16,
    numClasses: 7,
    imageBands: 4,
    audioBands: 8,
    outputChannels: 16,
    labelQueryChannels: 64,
    encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 2, numSelfAttendHeads: 4 },
  },
  run: autoencodeClip,
  fromHaiku: fromColab,
};

export const multimodal = preset({
  ...autoencoder,
  name: 'multimodal',
  title: 'Autoencoding of video, audio and a label',
  doc: 'A clip of 16 frames with its sound through 784 latents and back, and the label of what happens in it.',
  sources: ['arXiv:2107.14795, section 4.3 and appendix I', "DeepMind's video autoencoding colab"],
  checkpoint: {
    url: new URL('https://storage.googleapis.com/perceiver_io/video_autoencoding_checkpoint.pystate'),
    license: 'CC BY 4.0 (DeepMind)',
  },
  notes: [
    "The paper's compression ratio of 88 is that to the padded input array; to the raw samples it is 6.1.",
    'The code has 1920 audio elements and so 52,097 inputs; table 5 of the paper implies 480.',
    "Query positions of single points are -1 + 2·i/n, where whole grids have -1 + 2·i/(n - 1): the original's.",
  ],
  published,
  huggingFace: multimodalAutoencoding,
  about: async () => (await import('./about.js')).about,
  original: async () => (await import('./verify.js')).original,
});

/** The autoencoder of fewer latents: table 4 of the paper. Their parameters were not published. */
const ofFewerLatents = {
  ...autoencoder,
  variantOf: 'multimodal',
  sources: ['arXiv:2107.14795, section 4.3, table 4 and appendix I'],
};

export const multimodal392 = preset({
  ...ofFewerLatents,
  name: 'multimodal-392',
  title: 'Autoencoding of video, audio and a label, 392 latents',
  doc: 'A clip of 16 frames with its sound through 392 latents and back, and its label; not released.',
  notes: [
    "The paper's compression ratio of 176 is that to the padded input array; to the raw samples it is 12.2.",
  ],
  published: { ...published, encoder: { ...published.encoder, numLatents: 392 } },
  about: async () => (await import('./about/fewer.js')).with392,
});

export const multimodal196 = preset({
  ...ofFewerLatents,
  name: 'multimodal-196',
  title: 'Autoencoding of video, audio and a label, 196 latents',
  doc: 'A clip of 16 frames with its sound through 196 latents and back, and its label; not released.',
  notes: [
    "The paper's compression ratio of 352 is that to the padded input array; to the raw samples it is 24.3.",
  ],
  published: { ...published, encoder: { ...published.encoder, numLatents: 196 } },
  about: async () => (await import('./about/fewer.js')).with196,
});
