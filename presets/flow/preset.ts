/**
 * The published optical flow model, and a lighter one whose size the paper gives.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { ConfigProblem } from '../../lib/data/config.js';
import { readColab } from '../../modules/haiku/colab.js';
import { preset } from '../preset.js';
import { opticalFlow } from './huggingFace.js';
import { flowConfig, type FlowConfig, flowNetwork } from './network.js';
import { flowOfPictures } from './run.js';

/** Reads the colab's arguments as changes to the config. */
const fromColab = (kwargs: unknown) =>
  readColab({
    train_size: 'imageShape',
    num_bands: 'numBands',
    encoder: { source: 'perceiver.PerceiverEncoder', field: 'encoder' },
  })(kwargs) as E.Either<readonly ConfigProblem[], object>;

/** Source: DeepMind's optical flow colab. */
const published = {
  imageShape: [368, 496],
  numBands: 64,
  featureChannels: 64,
  flowScale: 20,
  encoder: {
    numLatents: 2048,
    numLatentChannels: 512,
    numBlocks: 1,
    numSelfAttendsPerBlock: 24,
    numSelfAttendHeads: 16,
    numCrossAttendHeads: 1,
  },
};

/** The parts of the flow models. */
const opticalFlowModel = {
  task: 'flow' as const,
  codec: flowConfig,
  small: {
    imageShape: [8, 12],
    numBands: 4,
    featureChannels: 8,
    encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 2, numSelfAttendHeads: 4 },
  },
  network: flowNetwork,
  inputs: ({ imageShape }: FlowConfig) => [{ shape: [1, 2, ...imageShape, 3] }] as const,
  names: { inputs: ['images'], output: 'flow' },
  inputGrid: ({ imageShape }: FlowConfig) => ({ shape: imageShape, start: 0 }),
  decodesInParts: true,
  run: flowOfPictures,
  fromHaiku: fromColab,
};

export const flow = preset({
  ...opticalFlowModel,
  name: 'flow',
  title: 'Optical flow',
  doc: 'Two pictures of at least 496 × 368 pixels to where each pixel of the first one goes.',
  sources: ['arXiv:2107.14795, section 4.2 and appendix H', "DeepMind's optical flow colab"],
  checkpoint: {
    url: new URL('https://storage.googleapis.com/perceiver_io/optical_flow_checkpoint.pystate'),
    license: 'CC BY 4.0 (DeepMind)',
  },
  notes: [
    'The published 27.9M parameters and 987B FLOPs are those of 16 layers and 1024 latents; the released model has 24 layers, 2048 latents and 41.06M parameters.',
  ],
  published,
  huggingFace: opticalFlow,
  about: async () => (await import('./about.js')).about,
  original: async () => (await import('./verify.js')).original,
});

export const flowLight = preset({
  ...opticalFlowModel,
  name: 'flow-light',
  variantOf: 'flow',
  title: 'Optical flow, lighter',
  doc: 'Two pictures of at least 496 × 368 pixels to where each pixel of the first one goes; 16 layers of 1024 latents.',
  sources: ['arXiv:2107.14795, appendix H and tables 16 and 17'],
  notes: [
    "The paper's 27.9M parameters and 987B FLOPs, given for the model of 24 layers and 2048 latents, are this one's. Nobody published its parameters.",
  ],
  published: {
    ...published,
    encoder: { ...published.encoder, numLatents: 1024, numSelfAttendsPerBlock: 16 },
  },
  about: async () => (await import('./about/light.js')).about,
});
