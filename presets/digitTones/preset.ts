/**
 * A small autoencoder of a handwritten digit, its telephone tone and its label, trained, whose weights come with the
 * package. Its network is that of `multimodal`.
 */
import { autoencoderModel } from '../multimodal/network.js';
import { preset } from '../preset.js';
import { autoencodeDigit } from './run.js';

export const digitTones = preset({
  ...autoencoderModel,
  run: autoencodeDigit,
  name: 'digit-tones',
  title: 'Handwritten digits and their telephone tones, trained, in the package',
  doc: 'A picture of a handwritten digit to its telephone tone and its label, or a tone to a picture.',
  sources: [
    'the multimodal autoencoder of arXiv:2107.14795 at small size, trained by this library',
    'UCI optical recognition of handwritten digits (CC BY 4.0), by scikit-learn; telephone tones of ITU-T Q.23',
  ],
  checkpoint: {
    // A getter, since bundles that are scripts, not modules, have no address of their own.
    get url() {
      return new URL('./digit-tones.pystate', import.meta.url);
    },
    license: 'Apache-2.0',
  },
  published: {
    // The original takes single frames for pictures without time, so that a clip has two.
    numFrames: 2,
    patchGrid: 2,
    samplesPerFrame: 320,
    samplesPerPatch: 32,
    numClasses: 10,
    imageBands: 4,
    audioBands: 16,
    outputChannels: 64,
    labelQueryChannels: 48,
    // Its frames are alike, so that one is decoded.
    decodedShape: [1, 8, 8],
    encoder: {
      numLatents: 16,
      numLatentChannels: 64,
      numBlocks: 1,
      numSelfAttendsPerBlock: 2,
      numSelfAttendHeads: 4,
      numCrossAttendHeads: 1,
    },
  },
  small: {},
  about: async () => (await import('./about.js')).about,
});
