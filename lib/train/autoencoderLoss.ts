/**
 * The loss of Perceiver IO's multimodal autoencoder, which was described and never published: a weighted sum over
 * video, audio and label, at points that are drawn anew for each batch.
 */
import { expectKnown } from '../data/nearest.js';
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../data/array.js';
import { count, nonNegative } from '../data/config.js';
import { type Key, permutation, split } from '../random/index.js';
import { l1Loss, softmaxCrossEntropyWithIntegerLabels } from './losses.js';
import { expectOptions } from './options.js';

/** The weight of each part in the sum. */
export interface AutoencoderWeights {
  readonly video: number;
  readonly audio: number;
  readonly label: number;
}

/** The published weights for reconstruction. Source: PIO §I. */
export const reconstructionWeights: AutoencoderWeights = { video: 0.03, audio: 1, label: 0.0001 };

/** The published weights for classification beside reconstruction. Source: PIO §4.3, §I. */
export const classificationWeights: AutoencoderWeights = { ...reconstructionWeights, label: 1 };

/** Reconstructions and their targets, at the points that were decoded. */
export interface AutoencoderOutputs {
  /** [B, points, channels], both. */
  readonly video: { readonly output: tf.Tensor; readonly target: tf.Tensor };
  /** [B, points, samples], both. */
  readonly audio: { readonly output: tf.Tensor; readonly target: tf.Tensor };
  /** Logits [B, C] and classes [B] int32. */
  readonly label: { readonly output: tf.Tensor; readonly target: tf.Tensor };
}

/** The mean over all axes but the first: [B]. */
const perExample = (losses: tf.Tensor): tf.Tensor => tf.mean(tf.reshape(losses, [losses.shape[0], -1]), 1);

/**
 * The loss of each example: 0.03 · L1 of video + 1 · L1 of audio + 0.0001 · cross-entropy of the label, means over
 * points and channels.
 * @returns [B], for `weighted`
 */
export const autoencoderLoss = (
  { video, audio, label }: AutoencoderOutputs,
  weights: AutoencoderWeights = reconstructionWeights,
): tf.Tensor => {
  expectKnown('autoencoderLoss: weights', weights, ['video', 'audio', 'label']);
  expectOptions('autoencoderLoss: weights', {
    video: [weights.video, nonNegative],
    audio: [weights.audio, nonNegative],
    label: [weights.label, nonNegative],
  });
  return tf.addN([
    tf.mul(weights.video, perExample(l1Loss(video.output, video.target))),
    tf.mul(weights.audio, perExample(l1Loss(audio.output, audio.target))),
    tf.mul(weights.label, softmaxCrossEntropyWithIntegerLabels(label.output, label.target)),
  ]);
};

/** The number of points of each kind that are decoded in training. */
export interface SampledPoints {
  /** 512 if not given. */
  readonly audio?: number;
  /** 512 if not given. */
  readonly video?: number;
}

/**
 * Points to decode, drawn without repetition: numbers of output elements, int32. The label's one point is always there.
 * @param sizes  the number of output elements of each kind: frames · rows · columns of video, patches of audio
 * @throws RangeError where more points are asked for than there are
 * Source: PIO §I.
 */
export const samplePoints = (
  key: Key,
  sizes: { readonly audio: number; readonly video: number },
  points: SampledPoints = {},
): { readonly audio: HostArray<'int32'>; readonly video: HostArray<'int32'> } => {
  const { audio = 512, video = 512 } = points;
  expectKnown('samplePoints', points, ['audio', 'video']);
  const draw = (name: string, from: Key, size: number, points: number): HostArray<'int32'> => {
    expectOptions('samplePoints', { [`points of ${name}`]: [points, count] });
    if (points > size)
      throw new RangeError(`samplePoints: ${points} points of ${name} asked for, ${size} there are`);
    return { shape: [points], dtype: 'int32', data: permutation(from, size).data.slice(0, points) };
  };
  const [audioKey, videoKey] = split(key);
  return {
    audio: draw('audio', audioKey, sizes.audio, audio),
    video: draw('video', videoKey, sizes.video, video),
  };
};
