/**
 * Films before and after the autoencoder: frames cropped to a square, resized and brought to [0, 1], one channel of
 * sound in [-1, 1]; and back to pictures and sound.
 * Source: DeepMind's video autoencoding colab, `crop_center_square`, `load_video` and `to_gif`.
 */
import * as E from 'fp-ts/lib/Either.js';
import * as RA from 'fp-ts/lib/ReadonlyArray.js';
import { pipe } from 'fp-ts/lib/function.js';
import {
  type Area,
  checkPicture,
  crop,
  type Picture,
  pictureOf,
  pixelValues,
} from '../../../lib/media/picture.js';
import { resample } from '../../../lib/media/resample.js';
import { resizeLinear } from '../../../lib/media/resize.js';
import type { Sound } from '../../../lib/media/sound.js';
import { type InputError, inputError } from '../../../lib/data/inputError.js';
import { isRecord } from '../../../lib/data/nest.js';

/** Length and size of a model's films. */
export interface ClipSize {
  readonly numFrames: number;
  readonly height: number;
  readonly width: number;
  readonly samplesPerFrame: number;
  /** Samples in a second. */
  readonly sampleRate: number;
}

/** A film: pictures and sound. */
export interface Clip {
  /** Needed but for `digit-tones`, which makes up missing pictures from the sound. */
  readonly frames?: readonly Picture[];
  /** Sound at any rate. If not given it is silence; `digit-tones` makes it up from the picture. */
  readonly sound?: Sound;
}

/** 16 frames at 25 a second. Source: DeepMind's video autoencoding colab. */
export const publishedClipSize: ClipSize = {
  numFrames: 16,
  height: 224,
  width: 224,
  samplesPerFrame: 48000 / 25,
  sampleRate: 48000,
};

/** The square in the middle of a picture. */
export const squareArea = ({ width, height }: Pick<Picture, 'width' | 'height'>): Area => {
  const side = Math.min(width, height);
  const start = (length: number) => Math.floor(length / 2) - Math.floor(side / 2);
  return { left: start(width), top: start(height), width: side, height: side };
};

/** The network's input from the first frames of a film: [numFrames, height, width, 3] float32 in [0, 1]. */
export const clipImages = (
  frames: readonly Picture[] | undefined,
  { numFrames, height, width }: ClipSize,
): E.Either<InputError, Float32Array> => {
  if (!Array.isArray(frames)) return inputError('frames', typeof frames, 'a list of pictures');
  if (frames.length < numFrames) return inputError('frames', `${frames.length}`, `at least ${numFrames}`);
  return pipe(
    frames.slice(0, numFrames),
    RA.traverseWithIndex(E.Applicative)((i, frame) => checkPicture(`frame ${i}`, frame)),
    E.map((checked) => {
      const values = new Float32Array(numFrames * height * width * 3);
      checked.forEach((frame, i) => {
        const square = resizeLinear(crop(frame, squareArea(frame)), width, height);
        values.set(
          pixelValues(square, (value) => value / 255),
          i * height * width * 3,
        );
      });
      return values;
    }),
  );
};

/** The beginning of a sound at another rate, at least as long as is needed; later samples change nothing. */
const beginning = ({ sampleRate, channels }: Sound, size: ClipSize, numSamples: number): Sound => {
  const enough = 2 * Math.ceil((numSamples * sampleRate) / size.sampleRate) + 4096;
  return resample(
    { sampleRate, channels: channels.slice(0, 1).map((samples) => samples.subarray(0, enough)) },
    size.sampleRate,
  );
};

/**
 * The first channel of a film's sound, as long as its frames, resampled to the model's rate: [numFrames · samplesPerFrame]
 * float32; zeros without sound.
 */
export const clipAudio = (sound: Sound | undefined, size: ClipSize): E.Either<InputError, Float32Array> => {
  const numSamples = size.numFrames * size.samplesPerFrame;
  if (sound === undefined) return E.right(new Float32Array(numSamples));
  if (!isRecord(sound) || !Array.isArray(sound.channels))
    return inputError('sound', 'something else', 'a sound: sampleRate, channels');
  if (!(sound.sampleRate > 0))
    return inputError('sound', `${sound.sampleRate} samples a second`, 'a number above 0');
  const [first] = beginning(sound, size, numSamples).channels;
  if (first === undefined) return inputError('sound', 'no channel', 'one or more');
  if (first.length < numSamples) {
    return inputError(
      'sound',
      `${first.length} samples`,
      `at least ${numSamples}, ${size.numFrames} frames long`,
    );
  }
  const samples = first.slice(0, numSamples);
  const wrong = samples.find((sample) => !Number.isFinite(sample));
  return wrong === undefined
    ? E.right(samples)
    : inputError('sound', `a sample of ${wrong}`, 'numbers in [-1, 1]');
};

/** Frames [numFrames, height, width, 3] as pictures; values are clipped to [0, 1]. */
export const clipPictures = (values: ArrayLike<number>, { numFrames, height, width }: ClipSize): Picture[] =>
  Array.from({ length: numFrames }, (_, i) =>
    pictureOf(width, height, (x, y) => {
      const at = 3 * ((i * height + y) * width + x);
      return [byte(values[at]), byte(values[at + 1]), byte(values[at + 2])];
    }),
  );

const byte = (value: number): number => Math.trunc(Math.min(Math.max(Math.fround(value * 255), 0), 255)) || 0;

/** Samples as sound of one channel. */
export const clipSound = (samples: Float32Array, { sampleRate }: ClipSize): Sound => ({
  sampleRate,
  channels: [samples],
});
