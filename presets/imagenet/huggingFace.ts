/**
 * `PerceiverForImageClassificationLearned`, `…Fourier` and `…ConvProcessing`: the three ImageNet models. All of them
 * add the class query to what it attended to, where DeepMind's learned one does not.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type NameRule, nameMapping } from '../../lib/checkpoint/index.js';
import {
  batchNormDerived,
  batchNormNames,
  convolution,
  dense,
  encoder,
  inParams,
  projectingDecoder,
  table,
} from '../huggingFace/blocks.js';
import {
  activation,
  classes,
  encoderFields,
  type Family,
  plainDecoder,
  type Translated,
} from '../huggingFace/family.js';

const fields = {
  numClasses: classes,
  ...encoderFields,
  'decoder.position.numChannels': 'd_latents',
  'decoder.activation': activation,
};

const decoder = {
  ...plainDecoder,
  position: { kind: 'trainable', projectTo: null },
  useQueryResidual: true,
};

/** Positions that follow from the grid, 64 bands for each dimension. */
const fourier = (size: number) => ({
  kind: 'fourier',
  numBands: 64,
  maxResolution: [size, size],
  concatPos: true,
  sineOnly: false,
  projectTo: null,
});

const concatenated = { combine: 'concat', numPositionLayers: 0 };

/** Encoder, class query and decoder. */
const names: readonly NameRule[] = [
  ...encoder('perceiver_encoder'),
  ...table(
    'classification_decoder/~/basic_decoder/~/trainable_position_encoding',
    'perceiver.decoder.decoder.output_position_encodings.position_embeddings',
  ),
  ...projectingDecoder('classification_decoder/~/basic_decoder', 'perceiver.decoder.decoder'),
];

/** A square of colours. */
const square: Translated = {
  key: 'image_size',
  read: (size) => E.right([size, size, 3]),
  write: ([height, width]: readonly number[]) => (height === width ? height : undefined),
};

export const learnedClassification = {
  architecture: 'PerceiverForImageClassificationLearned',
  fields: { imageShape: square, ...fields },
  fixed: {
    preprocessor: {
      ...concatenated,
      features: { kind: 'conv1x1', numChannels: 256, spatialDownsample: 1 },
      position: { kind: 'trainable', numChannels: 256, projectTo: 256 },
    },
    decoder,
  },
  names: nameMapping(
    inParams([
      ...convolution('image_preprocessor/~/conv2_d', 'perceiver.input_preprocessor.convnet_1x1'),
      { left: 'image_preprocessor/~/conv2_d/b', right: 'perceiver.input_preprocessor.convnet_1x1.bias' },
      ...table(
        'image_preprocessor/~_build_network_inputs/trainable_position_encoding',
        'perceiver.input_preprocessor.position_embeddings.position_embeddings',
      ),
      ...dense(
        'image_preprocessor/~_build_network_inputs/position_encoding_projector/linear',
        'perceiver.input_preprocessor.positions_projection',
      ),
      ...names,
    ]),
  ),
} as const satisfies Family;

export const fourierClassification = {
  architecture: 'PerceiverForImageClassificationFourier',
  fields,
  fixed: {
    imageShape: [224, 224, 3],
    preprocessor: {
      ...concatenated,
      features: { kind: 'pixels', spatialDownsample: 1 },
      position: fourier(224),
    },
    decoder,
  },
  names: nameMapping(inParams(names)),
} as const satisfies Family;

const downsample = 'image_preprocessor/~/conv2_d_downsample/~';

export const convolutionClassification = {
  architecture: 'PerceiverForImageClassificationConvProcessing',
  fields,
  fixed: {
    imageShape: [224, 224, 3],
    preprocessor: {
      ...concatenated,
      features: {
        kind: 'conv',
        numLayers: 1,
        numChannels: 64,
        withBatchNorm: true,
        decayRate: 0.9,
        epsilon: 1e-5,
        padding: 'symmetric',
      },
      position: fourier(56),
    },
    decoder,
  },
  names: nameMapping(
    [
      ...inParams([
        ...convolution(`${downsample}/conv`, 'perceiver.input_preprocessor.convnet.conv'),
        ...names,
      ]),
      ...batchNormNames(`${downsample}/batchnorm`, 'perceiver.input_preprocessor.convnet.batchnorm'),
    ],
    batchNormDerived(`${downsample}/batchnorm`),
  ),
} as const satisfies Family;
