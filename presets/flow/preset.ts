/**
 * The published optical flow model, and a lighter one whose size the paper gives.
 */
import { preset } from '../preset.js';
import { opticalFlow } from './huggingFace.js';
import { opticalFlowModel } from './network.js';
import { flowOfPictures } from './run.js';

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

export const flow = preset({
  ...opticalFlowModel,
  run: flowOfPictures,
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
  run: flowOfPictures,
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
