/**
 * Multimodal autoencoding of video, audio and a label: the whole model and its config.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  type ConfigOf,
  count,
  countTo,
  optional,
  probability,
  required,
  sizes,
  withDefault,
} from '../../lib/data/config.js';
import { tidy } from '../../lib/engine/index.js';
import type { Layer, Scope } from '../../lib/language/scope.js';
import { audioPostprocessor } from '../../modules/audioPostprocessor.js';
import { audioPreprocessor } from '../../modules/audioPreprocessor.js';
import { basicDecoder } from '../../modules/basicDecoder.js';
import { classificationDecoder } from '../../modules/classificationDecoder.js';
import { classificationPostprocessor } from '../../modules/classificationPostprocessor.js';
import type { Points, Queries } from '../../modules/decoder.js';
import { encoder, encoderConfig } from '../../modules/encoder.js';
import { imagePreprocessor } from '../../modules/imagePreprocessor.js';
import { multimodalDecoder } from '../../modules/multimodalDecoder.js';
import { multimodalPostprocessor } from '../../modules/multimodalPostprocessor.js';
import { multimodalPreprocessor } from '../../modules/multimodalPreprocessor.js';
import { oneHotPreprocessor } from '../../modules/oneHotPreprocessor.js';
import { projectionPostprocessor } from '../../modules/projectionPostprocessor.js';
import { videoDecoder } from '../../modules/videoDecoder.js';

export const multimodalConfig = config('multimodal', 'An autoencoder of video, audio and a label.', {
  numFrames: required(count, { doc: 'Frames of a clip.' }),
  patchGrid: required(count, { doc: 'Patches in height and in width of a frame; a patch is 4 × 4 pixels.' }),
  samplesPerFrame: required(count, { doc: 'Audio samples for each frame.' }),
  samplesPerPatch: required(count, { doc: 'Audio samples of one patch.' }),
  numClasses: required(count, { doc: 'Number of labels.' }),
  imageBands: required(countTo(65_536), { doc: "Frequencies for each dimension of a video's positions." }),
  audioBands: required(countTo(65_536), {
    doc: "Frequencies of an audio's positions; 192 makes its width meet the video's.",
  }),
  outputChannels: required(count, { doc: 'Width of each decoded element before its postprocessor.' }),
  labelQueryChannels: required(count, { doc: "Width of the label's query." }),
  maskProbs: withDefault(
    config('maskProbs', 'By modality, the probability that its elements are masked.', {
      image: withDefault(probability, 0, { doc: "Of a video's patches." }),
      audio: withDefault(probability, 0, { doc: "Of a sound's patches." }),
      label: withDefault(probability, 1, { doc: 'Of the label: 1 to predict it, 0.5 in training.' }),
    }),
    {},
    {
      doc: 'Masked inputs; probabilities between 0 and 1 draw a key.',
      source: 'arXiv:2107.14795, appendix I; the colab',
    },
  ),
  decodedShape: optional(sizes, {
    doc: 'Frames, height and width of the video that is decoded; those of the clip if not given.',
    source: 'transformers `PerceiverConfig`, output_shape',
  }),
  encoder: required(encoderConfig, { doc: "The encoder; the decoder's MLP has its activation." }),
});
export type MultimodalConfig = ConfigOf<typeof multimodalConfig>;

/** video [B, T, H, W, 3] in [0, 1], audio [B, samples, 1] in [-1, 1], label [B, classes]. */
export type MultimodalInputs = {
  readonly image: tf.Tensor;
  readonly audio: tf.Tensor;
  readonly label: tf.Tensor;
};

/** Elements to decode: indices of pixels of the whole clip and of audio patches; all of them if not given. */
export type MultimodalPoints = { readonly image?: Points; readonly audio?: Points };

/** image [B, pixels, 3], audio [B, samples], label logits [B, classes]. */
export type MultimodalOutputs = { readonly [modality in 'image' | 'audio' | 'label']: tf.Tensor };

const videoShape = ({ numFrames, patchGrid }: MultimodalConfig): [number, number, number] => [
  numFrames,
  4 * patchGrid,
  4 * patchGrid,
];

/** Frames, height and width of the video that is decoded. */
export const decodedShape = (config: MultimodalConfig): readonly number[] =>
  config.decodedShape ?? videoShape(config);

/** Sizes of a clip's inputs, without the batch. */
export const multimodalShapes = (config: MultimodalConfig) => ({
  image: [...videoShape(config), 3],
  audio: [config.numFrames * config.samplesPerFrame, 1],
  label: [config.numClasses],
});

/** Patches of a clip's sound. */
export const numAudioPatches = ({ numFrames, samplesPerFrame, samplesPerPatch }: MultimodalConfig): number =>
  Math.floor((numFrames * samplesPerFrame) / samplesPerPatch);

const positionsOf = (config: MultimodalConfig) => ({
  audio: {
    kind: 'fourier' as const,
    numBands: config.audioBands,
    maxResolution: [config.numFrames * config.samplesPerFrame],
  },
  image: {
    kind: 'fourier' as const,
    numBands: config.imageBands,
    maxResolution: [config.numFrames, config.patchGrid, config.patchGrid],
  },
});

const declarePreprocessor = (s: Scope, config: MultimodalConfig) => {
  const { audio, image } = positionsOf(config);
  const modalities = {
    audio: s.declare(audioPreprocessor({ samplesPerPatch: config.samplesPerPatch, position: audio })),
    image: s.declare(
      imagePreprocessor({ features: { kind: 'patches', spatialDownsample: 4 }, position: image }),
    ),
    label: s.declare(oneHotPreprocessor()),
  };
  return s.declare(multimodalPreprocessor(modalities, { minPaddingSize: 4, maskProbs: config.maskProbs }));
};

const declareDecoder = (s: Scope, config: MultimodalConfig) => {
  const { audio, image } = positionsOf(config);
  const { outputChannels } = config;
  const audioPatches = numAudioPatches(config);
  const label = { kind: 'trainable' as const, numChannels: config.labelQueryChannels, initScale: 0.02 };
  const modalities = {
    audio: s.declare(basicDecoder({ outputIndexDims: [audioPatches], outputChannels, position: audio })),
    image: s.declare(videoDecoder({ outputShape: decodedShape(config), outputChannels, position: image })),
    label: s.declare(classificationDecoder({ numClasses: config.numClasses, position: label })),
  };
  const { activation } = config.encoder;
  return s.declare(multimodalDecoder(modalities, { outputChannels, minPaddingSize: 2, activation }));
};

const declarePostprocessor = (s: Scope, config: MultimodalConfig) => {
  const modalities = {
    audio: s.declare(audioPostprocessor({ samplesPerPatch: config.samplesPerPatch })),
    image: s.declare(projectionPostprocessor({ outputChannels: 3 })),
    label: s.declare(classificationPostprocessor({ numClasses: config.numClasses })),
  };
  return s.declare(multimodalPostprocessor(modalities));
};

/**
 * The parts of the autoencoder over the same parameters: `encode` gives latents [B, N, D], `decode` any elements of the
 * clip from latents.
 * Source: DeepMind's video autoencoding colab, `video_autoencoder`; arXiv:2107.14795, section 4.3 and appendix I.
 */
export const multimodalParts = (config: MultimodalConfig) => (s: Scope) => {
  const preprocess = declarePreprocessor(s, config);
  const encoding = s.declare(encoder({ ...config.encoder, name: 'encoder' }));
  const decoder = declareDecoder(s, config);
  const postprocess = declarePostprocessor(s, config);
  const decode = (z: tf.Tensor, { query, modalitySizes }: Queries) =>
    postprocess(decoder(query, z), modalitySizes) as MultimodalOutputs;
  return {
    /** The whole autoencoder; queries are made before encoding, as in the original. */
    autoencode: (clip: MultimodalInputs, points?: MultimodalPoints): MultimodalOutputs => {
      // The inputs are 147 MB at full size, and not needed for decoding.
      const { z, queries } = tidy(() => {
        const { inputs } = preprocess(clip);
        const latents = encoding.latents(inputs.shape[0]);
        const queries = decoder.decoderQuery(inputs.shape[0], { points });
        return { z: encoding(inputs, latents), queries };
      });
      return decode(z, queries);
    },
    encode: (clip: MultimodalInputs): tf.Tensor => {
      const { inputs } = preprocess(clip);
      return encoding(inputs, encoding.latents(inputs.shape[0]));
    },
    decode: (z: tf.Tensor, points?: MultimodalPoints): MultimodalOutputs =>
      decode(z, decoder.decoderQuery(z.shape[0], { points })),
  };
};

/** (clip, points?) to the clip decoded. */
export type MultimodalNetwork = Layer<[clip: MultimodalInputs, points?: MultimodalPoints], MultimodalOutputs>;

export const multimodalNetwork =
  (config: MultimodalConfig): MultimodalNetwork =>
  (s, clip, points) =>
    multimodalParts(config)(s).autoencode(clip, points);

/** The parts of every autoencoder: `digit-tones` too adds published values and a run of its own. */
export const autoencoderModel = {
  task: 'autoencode' as const,
  codec: multimodalConfig,
  network: multimodalNetwork,
  inputs: (config: MultimodalConfig) => {
    const { image, audio, label } = multimodalShapes(config);
    const clip = {
      image: { shape: [1, ...image] },
      audio: { shape: [1, ...audio] },
      label: { shape: [1, ...label] },
    };
    // One pixel and one patch are enough for every parameter.
    return [clip, { image: [0], audio: [0] }] as const;
  },
  names: { inputs: ['', 'points'], output: 'decoded' },
  inputGrid: (config: MultimodalConfig) => ({
    shape: [config.numFrames, config.patchGrid, config.patchGrid],
    start: numAudioPatches(config),
  }),
  decodesInParts: true,
  openInputs: (config: MultimodalConfig) => {
    const { image, audio, label } = multimodalShapes(config);
    const clip = {
      image: { shape: ['batch', ...image] },
      audio: { shape: ['batch', ...audio] },
      label: { shape: ['batch', ...label] },
    };
    const points = (name: string) => ({ shape: [name], dtype: 'int32' as const });
    return [clip, { image: points('image_points'), audio: points('audio_points') }] as const;
  },
};
