/**
 * AudioSet: sound and video as one sequence, and one query for all classes; or, as in the first Perceiver, the mean of
 * the latents.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  type ConfigOf,
  count,
  natural,
  probability,
  required,
  union,
  withDefault,
} from '../../lib/data/config.js';
import type { Layer, Scope } from '../../lib/language/scope.js';
import { audioPreprocessor } from '../../modules/audioPreprocessor.js';
import { averageDecoder } from '../../modules/averageDecoder.js';
import { classificationDecoder } from '../../modules/classificationDecoder.js';
import { encoder, encoderConfig } from '../../modules/encoder.js';
import { imagePreprocessor } from '../../modules/imagePreprocessor.js';
import { multimodalPreprocessor } from '../../modules/multimodalPreprocessor.js';
import { perceiver } from '../../modules/perceiver.js';
import { keepMask } from '../../modules/dropout.js';

const p1 = 'arXiv:2103.03206, section 4.2';

/** Forms of the sound that the network takes. */
const soundConfig = union('sound', {
  raw: config('raw', 'Samples, in patches.', {
    samplesPerPatch: withDefault(count, 128, { doc: 'Samples of a patch.', source: p1 }),
    numBands: withDefault(count, 64, { doc: 'Frequencies of a place in the sound; not published.' }),
  }),
  mel: config('mel', 'A mel spectrogram, number by number.', {
    numSteps: withDefault(count, 60, {
      doc: 'Steps in time, evenly spaced; with numMels bands they make the published 4,800 inputs.',
      source: p1,
    }),
    numMels: withDefault(count, 80, { doc: 'Bands on the mel scale; not published.' }),
    numBands: withDefault(count, 64, { doc: 'Frequencies of a place in time and in pitch; not published.' }),
  }),
});

/** Ways from latents to classes. */
const classesConfig = union('classes', {
  query: config('query', 'One query, as in Perceiver IO.', {
    numChannels: withDefault(count, 1024, {
      doc: 'Width of the query.',
      source: 'arXiv:2107.14795, table 6',
    }),
  }),
  average: config('average', 'The mean of the latents, as in the first Perceiver.', {}),
});

export const audioSetConfig = config('audioSet', 'A classifier of sound and video.', {
  numSamples: required(count, { doc: 'Samples of a clip, at 48 kHz.' }),
  sound: required(soundConfig, { doc: 'The form of the sound.' }),
  numFrames: required(count, { doc: 'Frames of a clip, 25 a second; an even number.' }),
  side: required(count, { doc: 'Height and width of a frame; a multiple of 8.' }),
  imageBands: required(count, {
    doc: "Frequencies for each dimension of a video's positions; 16, because inputs are 487 wide.",
    source: 'arithmetic on arXiv:2107.14795, table 5',
  }),
  minPaddingSize: withDefault(natural, 4, { doc: 'Trained channels of the widest modality.', source: p1 }),
  numClasses: required(count, { doc: 'Number of logits, each for a sigmoid.' }),
  encoder: required(encoderConfig, { doc: 'The encoder.' }),
  decoder: required(classesConfig, { doc: 'The way from latents to classes.' }),
  videoDropout: withDefault(probability, 0.3, {
    doc: 'Probability that an example loses its video, in training.',
    source: p1,
  }),
  soundDropout: withDefault(probability, 0, {
    doc: 'Probability that an example loses its sound, in training; 0.1 in the tuned model of spectrograms.',
    source: p1,
  }),
});
export type AudioSetConfig = ConfigOf<typeof audioSetConfig>;

/** image [B, T, H, W, 3] in [-1, 1]; audio: samples [B, samples, 1] in [-1, 1], or a spectrogram [B, steps, mels, 1]. */
export type AudioSetInputs = { readonly image: tf.Tensor; readonly audio: tf.Tensor };

/** A clip to logits [B, numClasses], each for a sigmoid. */
export type AudioSetNetwork = Layer<[clip: AudioSetInputs], tf.Tensor2D>;

/** Frames, rows and columns of a patch of the video. */
const [patchFrames, patchSide] = [2, 8];

/** The grid of the video's patches. */
export const patchGrid = ({ numFrames, side }: AudioSetConfig): readonly number[] => [
  numFrames / patchFrames,
  side / patchSide,
  side / patchSide,
];

/** Shape of the sound without the batch, and its number of input elements. */
export const soundShape = ({ sound, numSamples }: AudioSetConfig) =>
  sound.kind === 'raw'
    ? { shape: [numSamples, 1], elements: numSamples / sound.samplesPerPatch }
    : { shape: [sound.numSteps, sound.numMels, 1], elements: sound.numSteps * sound.numMels };

const declareSound = (s: Scope, config: AudioSetConfig) => {
  const { sound } = config;
  const position = { kind: 'fourier' as const, numBands: sound.numBands };
  if (sound.kind === 'mel')
    return s.declare(
      imagePreprocessor({
        features: { kind: 'pixels', spatialDownsample: 1 },
        position: { ...position, maxResolution: [sound.numSteps, sound.numMels] },
      }),
    );
  const { elements } = soundShape(config);
  return s.declare(
    audioPreprocessor({
      samplesPerPatch: sound.samplesPerPatch,
      position: { ...position, maxResolution: [elements] },
    }),
  );
};

const declarePreprocessor = (s: Scope, config: AudioSetConfig) => {
  const audio = declareSound(s, config);
  const image = s.declare(
    imagePreprocessor({
      features: { kind: 'patches', spatialDownsample: patchSide, temporalDownsample: patchFrames },
      position: { kind: 'fourier', numBands: config.imageBands, maxResolution: patchGrid(config) },
    }),
  );
  return s.declare(multimodalPreprocessor({ audio, image }, { minPaddingSize: config.minPaddingSize }));
};

const declareDecoder = (s: Scope, { decoder, numClasses }: AudioSetConfig) =>
  decoder.kind === 'average'
    ? s.declare(averageDecoder({ numClasses }))
    : s.declare(
        classificationDecoder({
          numClasses,
          position: { kind: 'trainable', numChannels: decoder.numChannels },
        }),
      );

/** Zeros in the place of some examples, in training. */
const dropExamples = (s: Scope, rate: number, x: tf.Tensor): tf.Tensor => {
  if (!s.isTraining || rate === 0) return x;
  const [batch, ...rest] = x.shape;
  const keep = keepMask(s.key(), rate, [batch, ...rest.map(() => 1)]);
  return tf.mul(x, tf.mul(keep, 1 - rate)); // 1 or 0: what is kept stays as it is
};

/**
 * Sound and video in one sequence, 13,024 elements of 487 channels with samples, 17,344 with a spectrogram.
 * Source: arXiv:2107.14795, appendix C; arXiv:2103.03206, section 4.2.
 */
export const audioSetNetwork =
  (config: AudioSetConfig): AudioSetNetwork =>
  (s, { image, audio }) => {
    const model = perceiver({
      preprocessor: declarePreprocessor(s, config),
      encoder: s.declare(encoder(config.encoder)),
      decoder: declareDecoder(s, config),
    });
    return model(s, {
      image: dropExamples(s, config.videoDropout, image),
      audio: dropExamples(s, config.soundDropout, audio),
    });
  };
