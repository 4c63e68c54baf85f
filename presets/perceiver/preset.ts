/**
 * The first Perceiver: for ImageNet, and for clouds of points. Its model of sound and video is a config of `audioset-raw`.
 */
import { photographs } from '../imagenet/preset.js';
import { preset } from '../preset.js';
import {
  type PointCloudConfig,
  pointCloudConfig,
  pointCloudNetwork,
  perceiverConfig,
  perceiverNetwork,
} from './network.js';
import { classifyPoints } from './run.js';

/** Source: arXiv:2103.03206, section 4.1; the rest as in arXiv:2107.14795, appendix A. */
const encoder = {
  numLatents: 512,
  numLatentChannels: 1024,
  numBlocks: 8,
  numCrossAttends: 8,
  numSelfAttendsPerBlock: 6,
  numSelfAttendHeads: 8,
  numCrossAttendHeads: 1,
};

const smallEncoder = {
  numLatents: 4,
  numLatentChannels: 16,
  numBlocks: 3,
  numCrossAttends: 3,
  numSelfAttendsPerBlock: 2,
  numSelfAttendHeads: 4,
};

const { fromHaiku: _ofPerceiverIO, ...images } = photographs;

export const perceiver = preset({
  ...images,
  name: 'perceiver',
  title: 'The first Perceiver: ImageNet classification',
  doc: 'A picture to the probabilities of 1000 classes, by latents that attend to the pixels eight times.',
  sources: ['arXiv:2103.03206, sections 3 and 4.1', 'arXiv:2107.14795, tables 7 and 8, rows "Perceiver"'],
  notes: [
    'Cross-attentions after the first share their weights, and so do the blocks of self-attentions.',
    'With one cross-attention (`numCrossAttends: 1`) it is the Perceiver that the second paper compares with: 42.1M parameters, 404B FLOPs.',
    'Nobody published its parameters. The public perceiver-pytorch 0.11.0 gives the same logits from the same weights; docs/conformance.md lists its differences from the paper.',
  ],
  codec: perceiverConfig,
  network: perceiverNetwork,
  published: {
    imageShape: [224, 224, 3],
    numClasses: 1000,
    preprocessor: {
      features: { kind: 'pixels', spatialDownsample: 1 },
      position: { kind: 'fourier', numBands: 64, maxResolution: [224, 224] },
    },
    encoder,
  },
  small: {
    imageShape: [8, 8, 3],
    numClasses: 10,
    preprocessor: { position: { kind: 'fourier', numBands: 4, maxResolution: [8, 8] } },
    encoder: smallEncoder,
  },
  about: async () => (await import('./about.js')).about,
});

export const perceiverPoints = preset({
  name: 'perceiver-points',
  task: 'classify-points',
  title: 'The first Perceiver: classification of point clouds',
  doc: '2048 points of a surface to the probabilities of the 40 classes of ModelNet40.',
  sources: ['arXiv:2103.03206, section 4.3'],
  notes: [
    'Its number of parameters and FLOPs were not published, nor were its parameters. Two cross-attentions are taken to share nothing but the blocks that follow them.',
  ],
  codec: pointCloudConfig,
  published: {
    numPoints: 2048,
    numClasses: 40,
    encoder: { ...encoder, numBlocks: 2, numCrossAttends: 2 },
  },
  small: {
    numPoints: 10,
    numClasses: 5,
    numBands: 4,
    encoder: { ...smallEncoder, numBlocks: 2, numCrossAttends: 2 },
  },
  network: pointCloudNetwork,
  inputs: ({ numPoints }: PointCloudConfig) => [{ shape: [1, numPoints, 3] }] as const,
  names: { inputs: ['points'], output: 'logits' },
  inputGrid: ({ numPoints }) => ({ shape: [numPoints], start: 0 }),
  run: classifyPoints,
  about: async () => (await import('./about/points.js')).about,
});
