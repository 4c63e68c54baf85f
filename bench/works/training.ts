/**
 * Training steps of small models: loss, gradients of every parameter, one step of gradient descent.
 */
import { imagenet, type ImagenetSizes } from '../programs/imagenet.js';
import { language, type LanguageSizes } from '../programs/language.js';
import type { Work } from '../work.js';

/** The preset `words`: a Perceiver that fits the package. */
export const smallLanguage: LanguageSizes = {
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
  decoder: { numHeads: 8, qkChannels: 64, vChannels: 96 },
};

export const smallConv: ImagenetSizes = {
  imageSize: 64,
  numClasses: 10,
  preprocessing: 'conv',
  numBands: 8,
  numChannels: 64,
  encoder: {
    numLatents: 64,
    numLatentChannels: 128,
    numBlocks: 2,
    numSelfAttendsPerBlock: 3,
    numSelfAttendHeads: 4,
    numCrossAttendHeads: 1,
  },
};

/** Config changes that make the published classifier as small. */
export const smallConvChanges = {
  imageShape: [smallConv.imageSize, smallConv.imageSize, 3],
  numClasses: smallConv.numClasses,
  preprocessor: { position: { kind: 'fourier', numBands: smallConv.numBands, maxResolution: [16, 16] } },
  encoder: smallConv.encoder,
  decoder: { position: { kind: 'trainable', numChannels: 128 } },
};

const batch = 16;
const { maxLength, vocabSize } = smallLanguage;

export const training: readonly Work[] = [
  {
    name: `training step, small language model: batch ${batch}`,
    group: 'training',
    inputs: [
      { name: 'ids', shape: [batch, maxLength], kind: 'ids', range: vocabSize },
      { name: 'mask', shape: [batch, maxLength], kind: 'mask' },
      { name: 'labels', shape: [batch * maxLength], kind: 'ids', range: vocabSize },
    ],
    program: language(smallLanguage),
    library: { kind: 'preset', name: 'words' },
    tolerance: 1e-3,
  },
  {
    name: `training step, small conv classifier: batch ${batch} of ${smallConv.imageSize} × ${smallConv.imageSize}`,
    group: 'training',
    inputs: [
      {
        name: 'images',
        shape: [batch, smallConv.imageSize, smallConv.imageSize, 3],
        kind: 'normal',
        range: 1,
      },
      { name: 'labels', shape: [batch], kind: 'ids', range: smallConv.numClasses },
    ],
    program: imagenet({ ...smallConv, isTraining: true }),
    library: { kind: 'preset', name: 'imagenet-conv', changes: smallConvChanges },
    tolerance: 1e-3,
  },
];
