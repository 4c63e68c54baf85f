/**
 * A film through the latents and back: encoded once, decoded in chunks.
 */
import * as tf from '@tensorflow/tfjs-core';
import { either as E } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import { sizeOf } from '../../lib/array.js';
import { place, toHost } from '../../lib/leaf.js';
import { transformMany } from '../../lib/transform.js';
import { type ClassGuess, topClasses } from '../media/classes.js';
import type { Picture } from '../media/picture.js';
import type { Sound } from '../media/sound.js';
import type { InputError, ModelOf, Weights } from '../preset.js';
import { decodeInChunks, publishedChunkSize } from './chunks.js';
import { type Clip, clipAudio, clipImages, clipPictures, type ClipSize, clipSound } from './clip.js';
import { kineticsLabels } from './labels.js';
import {
  decodedShape,
  type MultimodalConfig,
  type MultimodalInputs,
  type MultimodalNetwork,
  multimodalParts,
  multimodalShapes,
} from './multimodal.js';

/** A film, and how it is decoded. */
export interface ClipInput extends Clip {
  /** Output elements decoded at once; the result does not depend on it. 6287 if not given, as in the colab. */
  readonly chunkSize?: number;
  /** Called before each chunk. */
  readonly onProgress?: (chunksDone: number, chunks: number) => void;
}

/** A film as the latents have it. */
export interface DecodedClip {
  readonly frames: readonly Picture[];
  readonly sound: Sound;
  /** What happens in it, the likeliest first. */
  readonly labels: readonly ClassGuess[];
}

export type MultimodalModel = ModelOf<MultimodalConfig, MultimodalNetwork, ClipInput, DecodedClip>;

const framesPerSecond = 25;

const sizeOfClip = (config: MultimodalConfig): ClipSize => {
  const [numFrames, height, width] = multimodalShapes(config).image;
  const { samplesPerFrame } = config;
  return { numFrames, height, width, samplesPerFrame, sampleRate: framesPerSecond * samplesPerFrame };
};

/** Encoding and decoding as functions of the same parameters. */
export const multimodalApplies = (config: MultimodalConfig) =>
  transformMany(multimodalParts(config), {
    init: ({ autoencode }) => autoencode,
    encode: ({ encode }) => encode,
    decode: ({ decode }) => decode,
  });

const encodeClip = (
  config: MultimodalConfig,
  params: Weights['params'],
  values: { readonly images: Float32Array; readonly audio: Float32Array },
): tf.Tensor =>
  tf.tidy(() => {
    const { image, audio, label } = multimodalShapes(config);
    const clip: MultimodalInputs = {
      image: tf.tensor(values.images, [1, ...image]),
      audio: tf.tensor(values.audio, [1, ...audio]),
      label: tf.zeros([1, ...label]),
    };
    return multimodalApplies(config).apply.encode(params, {}, clip);
  });

const decodeClip = async (
  config: MultimodalConfig,
  params: Weights['params'],
  z: tf.Tensor,
  input: ClipInput,
) => {
  const { decode } = multimodalApplies(config).apply;
  const audioPatches = Math.floor((config.numFrames * config.samplesPerFrame) / config.samplesPerPatch);
  const elements = { image: sizeOf(decodedShape(config)), audio: audioPatches };
  let logits: Float32Array | undefined;
  const decoded = await decodeInChunks(
    elements,
    input.chunkSize ?? publishedChunkSize,
    async (points, index, total) => {
      input.onProgress?.(index, total);
      const outputs = decode(params, {}, z, points);
      const [pixels, samples, label] = await Promise.all(
        [outputs.image, outputs.audio, outputs.label].map(toHost),
      );
      tf.dispose(outputs);
      logits ??= label.data as Float32Array;
      return { image: pixels.data as Float32Array, audio: samples.data as Float32Array };
    },
  );
  return { image: decoded.image, audio: decoded.audio, logits: logits as Float32Array };
};

/** Source: DeepMind's video autoencoding colab, `autoencode_video`. */
export const autoencodeClip =
  (model: MultimodalModel): MultimodalModel['run'] =>
  (weights, input) =>
  async () => {
    const { config } = model;
    const size = sizeOfClip(config);
    const [numFrames, height, width] = decodedShape(config);
    const values = pipe(
      E.Do,
      E.bind('images', () => clipImages(input.frames, size)),
      E.bind('audio', () => clipAudio(input.sound, size)),
    );
    if (E.isLeft(values)) return values;
    const params = place(weights.params);
    let z: tf.Tensor | undefined;
    try {
      z = encodeClip(config, params, values.right);
      const { image, audio, logits } = await decodeClip(config, params, z, input);
      return E.right<InputError, DecodedClip>({
        frames: clipPictures(image, { ...size, numFrames, height, width }),
        sound: clipSound(audio, size),
        labels: topClasses(logits, kineticsLabels, config.numClasses),
      });
    } finally {
      z?.dispose();
      params[Symbol.dispose]();
    }
  };
