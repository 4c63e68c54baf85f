/**
 * A film through the latents and back: encoded once, decoded in chunks.
 */
import type * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { float32, type HostArray, int32, sizeOf } from '../../lib/data/array.js';
import type { Hosts } from '../../lib/run/runner.js';
import type { Layer } from '../../lib/language/scope.js';
import { type ClassGuess, topClasses } from '../classes.js';
import type { Picture } from '../../lib/media/picture.js';
import type { Sound } from '../../lib/media/sound.js';
import type { InputError } from '../../lib/data/inputError.js';
import type { ModelOf, PartOptions, Run } from '../preset.js';
import { decodeInChunks, publishedChunkSize } from './run/chunks.js';
import { type Clip, clipAudio, clipImages, clipPictures, type ClipSize, clipSound } from './run/clip.js';
import {
  decodedShape,
  type MultimodalConfig,
  type MultimodalInputs,
  type MultimodalNetwork,
  type MultimodalOutputs,
  multimodalParts,
  multimodalShapes,
  numAudioPatches,
} from './network.js';

/** A film decoded from the latents. */
export interface DecodedClip {
  readonly frames: readonly Picture[];
  readonly sound: Sound;
  /** Classes of the film, the likeliest first. */
  readonly labels: readonly ClassGuess[];
}

type MultimodalModel = ModelOf<MultimodalConfig, MultimodalNetwork, Clip, DecodedClip>;

/** Frames in a second of the clips. */
export const framesPerSecond = 25;

/** The size of the clips of a model. */
export const sizeOfClip = (config: MultimodalConfig): ClipSize => {
  const [numFrames, height, width] = multimodalShapes(config).image;
  const { samplesPerFrame } = config;
  return { numFrames, height, width, samplesPerFrame, sampleRate: framesPerSecond * samplesPerFrame };
};

/** Encoding and decoding as two layers over the same parameters. */
const layersOf = (config: MultimodalConfig) => {
  const parts = multimodalParts(config);
  const encode: Layer<[clip: MultimodalInputs], tf.Tensor> = (s, clip) => parts(s).encode(clip);
  const decode: Layer<[z: tf.Tensor, image: tf.Tensor, audio: tf.Tensor], MultimodalOutputs> = (
    s,
    z,
    image,
    audio,
  ) => parts(s).decode(z, { image, audio });
  return { encode, decode };
};

const inputsOf = (
  config: MultimodalConfig,
  values: { readonly images: Float32Array; readonly audio: Float32Array },
): Hosts<MultimodalInputs> => {
  const { image, audio, label } = multimodalShapes(config);
  return {
    image: float32([1, ...image], values.images),
    audio: float32([1, ...audio], values.audio),
    label: float32([1, ...label], new Float32Array(sizeOf(label))),
  };
};

/** Every element of a clip from its latents, and the label's logits. */
const decodeClip = async (
  config: MultimodalConfig,
  decode: (image: HostArray, audio: HostArray) => Promise<Hosts<MultimodalOutputs>>,
  { onProgress, chunkSize = publishedChunkSize }: PartOptions,
) => {
  const audioPatches = numAudioPatches(config);
  const elements = { image: sizeOf(decodedShape(config)), audio: audioPatches };
  let logits: Float32Array | undefined;
  const decoded = await decodeInChunks(elements, chunkSize, async (points, index, total) => {
    onProgress?.(index, total);
    const [pixels, pieces] = [points.image, points.audio].map((given) => int32([given.length], given));
    const { image, audio, label } = await decode(pixels, pieces);
    logits ??= label.data as Float32Array;
    return { image: image.data as Float32Array, audio: audio.data as Float32Array };
  });
  return { image: decoded.image, audio: decoded.audio, logits: logits as Float32Array };
};

/**
 * Encodes a film once and decodes it in chunks; the result does not depend on their size.
 * @param labelsOf  loads the names of the classes, in the order of the logits
 * Source: DeepMind's video autoencoding colab, `autoencode_video`.
 */
export const autoencode = (
  config: MultimodalConfig,
  labelsOf: () => Promise<readonly string[]>,
): Run<Clip, DecodedClip> => {
  const { encode, decode } = layersOf(config);
  return (runner, input, options) => async () => {
    const size = sizeOfClip(config);
    const [numFrames, height, width] = decodedShape(config);
    const values = pipe(
      E.Do,
      E.bind('images', () => clipImages(input.frames, size)),
      E.bind('audio', () => clipAudio(input.sound, size)),
    );
    if (E.isLeft(values)) return values;
    const z = await runner.run(encode, [inputsOf(config, values.right)]);
    const decodePoints = (...points: [image: HostArray, audio: HostArray]) =>
      runner.run(decode, [z, ...points]);
    const { image, audio, logits } = await decodeClip(config, decodePoints, options);
    return E.right<InputError, DecodedClip>({
      frames: clipPictures(image, { ...size, numFrames, height, width }),
      sound: clipSound(audio, size),
      labels: topClasses(logits, await labelsOf(), config.numClasses),
    });
  };
};

/** Classes are named where the model has those of Kinetics-700. */
export const autoencodeClip = ({ config }: MultimodalModel): Run<Clip, DecodedClip> =>
  autoencode(config, async () => {
    const { kineticsLabels } = await import('./run/labels.js');
    return config.numClasses === kineticsLabels.length ? kineticsLabels : [];
  });
