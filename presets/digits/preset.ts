/**
 * A small classifier of handwritten digits, trained, whose weights come with the package. Its network is that of the
 * ImageNet models.
 */
import { imageClassifierModel } from '../imagenet/network.js';
import { preset } from '../preset.js';
import { classifyDigit } from './run.js';

export const digits = preset({
  ...imageClassifierModel,
  run: classifyDigit,
  name: 'digits',
  title: 'Handwritten digits, trained, in the package',
  doc: 'A picture of 8 × 8 grey pixels to the digit it shows: 352 of 360 held-out pictures right.',
  sources: [
    'the ImageNet Fourier model of arXiv:2107.14795 at small size, trained with its JAX code: LAMB, 2500 steps of 128',
    'UCI optical recognition of handwritten digits (CC BY 4.0), by scikit-learn',
  ],
  checkpoint: {
    // A getter, since bundles that are scripts, not modules, have no address of their own.
    get url() {
      return new URL('./digits.pystate', import.meta.url);
    },
    license: 'Apache-2.0',
  },
  published: {
    imageShape: [8, 8, 1],
    numClasses: 10,
    preprocessor: {
      features: { kind: 'pixels', spatialDownsample: 1 },
      position: { kind: 'fourier', numBands: 6, maxResolution: [8, 8] },
    },
    encoder: {
      numLatents: 24,
      numLatentChannels: 48,
      numBlocks: 2,
      numSelfAttendsPerBlock: 2,
      numSelfAttendHeads: 4,
    },
    decoder: { position: { kind: 'trainable', numChannels: 48, initScale: 0.02 }, useQueryResidual: true },
  },
  small: {},
  about: async () => (await import('./about.js')).about,
});
