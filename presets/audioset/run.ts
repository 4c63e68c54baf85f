/**
 * A sound, with its video or without, to the tags of what is heard: overlapping clips are tagged each by itself and their
 * probabilities averaged.
 */
import * as E from 'fp-ts/lib/Either.js';
import { float32, type HostArray } from '../../lib/data/array.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import { melSpectrogram } from '../../lib/media/melSpectrogram.js';
import { checkPicture, crop, type Picture, pixelValues } from '../../lib/media/picture.js';
import { resample } from '../../lib/media/resample.js';
import { resizeLinear } from '../../lib/media/resize.js';
import type { Sound } from '../../lib/media/sound.js';
import type { Hosts } from '../../lib/run/runner.js';
import type { ClassGuess } from '../classes.js';
import { squareArea } from '../multimodal/run/clip.js';
import type { ModelOf, Run } from '../preset.js';
import { type AudioSetConfig, type AudioSetInputs, type AudioSetNetwork, soundShape } from './network.js';

/** Sound at any rate, and frames, 25 a second, if there are any. */
export interface Recording {
  readonly sound: Sound;
  readonly frames?: readonly Picture[];
}

type AudioSetModel = ModelOf<AudioSetConfig, AudioSetNetwork, Recording, readonly ClassGuess[]>;

export const sampleRate = 48000;
export const framesPerSecond = 25;

/** Clips of a recording whose probabilities are averaged. Source: arXiv:2107.14795, appendix C. */
const numClips = 16;

/** Starts of clips, evenly spaced from the first to the last that fits; fewer where there is no room for as many. */
export const clipStarts = (length: number, clip: number): readonly number[] => {
  const room = length - clip;
  const starts = Array.from({ length: numClips }, (_, i) => Math.floor((i * room) / (numClips - 1)));
  return [...new Set(starts)];
};

/** All channels as one, at the model's rate. */
const mono = ({ sound }: Recording, { numSamples }: AudioSetConfig): E.Either<InputError, Float32Array> => {
  const { sampleRate: rate, channels } = (sound ?? {}) as Partial<Sound>;
  if (rate === undefined || channels === undefined)
    return inputError('sound', 'none', '{ sampleRate, channels }');
  if (!(rate > 0)) return inputError('sound', `${rate} samples a second`, 'a number above 0');
  if (channels.length === 0) return inputError('sound', 'no channel', 'one or more');
  const mean = channels[0].map(
    (_, i) => channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length,
  );
  const wrong = mean.find((sample) => !Number.isFinite(sample));
  if (wrong !== undefined) return inputError('sound', `a sample of ${wrong}`, 'numbers in [-1, 1]');
  const [samples] = resample({ sampleRate: rate, channels: [mean] }, sampleRate).channels;
  return samples.length < numSamples
    ? inputError(
        'sound',
        `${(samples.length / sampleRate).toFixed(2)} seconds`,
        `at least ${(numSamples / sampleRate).toFixed(2)}`,
      )
    : E.right(samples);
};

/** The sound of a clip as the network takes it: samples, or the logarithm of a mel spectrogram. */
export const clipSound = (samples: Float32Array, config: AudioSetConfig): HostArray<'float32'> => {
  const shape = [1, ...soundShape(config).shape];
  if (config.sound.kind === 'raw') return float32(shape, samples);
  const { numSteps, numMels } = config.sound;
  const hop = Math.floor(samples.length / numSteps);
  const windowSize = 2 ** Math.ceil(Math.log2(2 * hop));
  const powers = melSpectrogram(samples, { sampleRate, windowSize, hop, numSteps, numMels });
  return float32(
    shape,
    powers.map((power) => Math.log(power + 1e-6)),
  );
};

/** Frames from a certain one on, [numFrames, side, side, 3] in [-1, 1]; the last one stands for those that are missing. */
const clipImages = (frames: readonly Picture[], first: number, { numFrames, side }: AudioSetConfig) => {
  const size = side * side * 3;
  const values = new Float32Array(numFrames * size);
  for (let i = 0; i < numFrames; i++) {
    const frame = frames[Math.min(first + i, frames.length - 1)];
    const square = resizeLinear(crop(frame, squareArea(frame)), side, side);
    values.set(
      pixelValues(square, (value) => value / 127.5 - 1),
      i * size,
    );
  }
  return values;
};

const checkFrames = (frames: readonly Picture[]): E.Either<InputError, readonly Picture[]> => {
  for (const [i, frame] of frames.entries()) {
    const checked = checkPicture(`frame ${i}`, frame);
    if (E.isLeft(checked)) return checked;
  }
  return E.right(frames);
};

/** Sound at the model's rate and the frames of a recording, checked. */
export const checkedRecording = (
  recording: Recording,
  config: AudioSetConfig,
): E.Either<InputError, { readonly samples: Float32Array; readonly frames: readonly Picture[] }> => {
  const samples = mono(recording, config);
  if (E.isLeft(samples)) return samples;
  const frames = checkFrames(recording.frames ?? []);
  return E.isLeft(frames) ? frames : E.right({ samples: samples.right, frames: frames.right });
};

/**
 * A clip as the network takes it, [1, ...]; without frames the video is zeros, as for the examples that lose it in
 * training.
 * @param start  the clip's first sample
 */
export const clipInputs = (
  { samples, frames }: { readonly samples: Float32Array; readonly frames: readonly Picture[] },
  start: number,
  config: AudioSetConfig,
): Hosts<AudioSetInputs> => {
  const { numSamples, numFrames, side } = config;
  const image = frames.length
    ? clipImages(frames, Math.round((start / sampleRate) * framesPerSecond), config)
    : new Float32Array(numFrames * side * side * 3);
  return {
    image: float32([1, numFrames, side, side, 3], image),
    audio: clipSound(samples.slice(start, start + numSamples), config),
  };
};

/**
 * The tags of a recording, the likeliest first; each has a probability of its own.
 * Source: arXiv:2107.14795, appendix C; arXiv:2103.03206, section 4.2.
 */
export const tagRecording =
  ({ config, network }: AudioSetModel): Run<Recording, readonly ClassGuess[]> =>
  (runner, recording, { onProgress }) =>
  async () => {
    const checked = checkedRecording(recording, config);
    if (E.isLeft(checked)) return checked;
    const { numSamples, numClasses } = config;
    const sums = new Float64Array(numClasses);
    const starts = clipStarts(checked.right.samples.length, numSamples);
    for (const [i, start] of starts.entries()) {
      onProgress?.(i, starts.length);
      const clip = clipInputs(checked.right, start, config);
      const logits = await runner.run(network, [clip]);
      (logits.data as Float32Array).forEach((logit, index) => (sums[index] += 1 / (1 + Math.exp(-logit))));
    }
    const { audioSetLabels } = await import('./run/labels.js');
    const labels = numClasses === audioSetLabels.length ? audioSetLabels : [];
    const guesses = Array.from(sums, (sum, index) => ({
      index,
      label: labels[index] ?? `class ${index}`,
      probability: sum / starts.length,
    }));
    return E.right(guesses.sort((a, b) => b.probability - a.probability || a.index - b.index));
  };
