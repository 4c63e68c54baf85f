/**
 * The small trained models in a page: their files fetched, the engine started, questions answered. Nothing here draws.
 */
import * as E from 'fp-ts/lib/Either.js';
import { float32 } from '../../lib/data/array.js';
import { dispose, mean } from '@tensorflow/tfjs-core';
import { capture } from '../../lib/language/capture.js';
import { parseCheckpoint } from '../../lib/checkpoint/checkpoint.js';
import { showCheckpointError } from '../../lib/checkpoint/error.js';
import type { EngineInfo } from '../../lib/engine/index.js';
import { adopt, type Adopted, showAdoptError } from '../../lib/language/adopt.js';
import { place, toHost, toTensor } from '../../lib/data/leaf.js';
import type { Outline } from '../../lib/language/outline.js';
import { digits } from '../../presets/digits/preset.js';
import { pad } from '../../presets/language/run.js';
import { words } from '../../presets/words/preset.js';
import { softmax } from '../../presets/classes.js';
import { startBackend } from './backend.js';

/** The digits model's answer to a picture. */
export interface Seen {
  /** Of the digits from 0 on. */
  readonly probabilities: Float64Array;
  /** The attention weights of each latent: 64 values, row by row, that sum to one. */
  readonly looks: readonly Float32Array[];
}

/** Takes a picture [8, 8], from 0 to 1. */
export type See = (picture: Float32Array) => Promise<Seen>;

/** Takes ids, some of them masked; gives logits [maxLength, vocabSize]. */
export type Fill = (ids: readonly number[]) => Promise<Float32Array>;

/** The longest text that the language model takes, in bytes. */
export const { maxLength } = words().config;

/**
 * Starts the engine, in WebAssembly on this thread: a page that may share no memory has no other.
 * @param query  of the page's address
 */
export const startEngine = (query: string): Promise<EngineInfo> => startBackend({ threads: 1, query });

const orThrow = <L>(show: (error: L) => string, either: E.Either<L, Adopted>): Adopted => {
  if (E.isLeft(either)) throw new Error(show(either.left));
  return either.right;
};

const load = (model: { readonly outline: Outline }, bytes: Uint8Array) => {
  const checkpoint = parseCheckpoint(bytes);
  if (E.isLeft(checkpoint)) throw new Error(showCheckpointError(checkpoint.left));
  const { params, state } = orThrow(showAdoptError, adopt(model)(checkpoint.right));
  return { params: place(params), state };
};

/** The digits model of a checkpoint's bytes; the engine has to run. */
export const loadDigits = (bytes: Uint8Array): See => {
  const model = digits();
  const [height, width] = model.config.imageShape;
  const { params, state } = load(model, bytes);
  const look = capture(model, /^perceiver_encoder.*cross_attention/, {
    map: (weights) => mean(weights, 1),
  });
  return async (picture) => {
    const images = toTensor(float32([1, ...model.config.imageShape], picture));
    const { output, captured } = await look(params, state, {}, images);
    const { data } = captured[0].value; // [1, N, 64]
    const size = height * width;
    const logits = await toHost(output);
    dispose([images, output]);
    return {
      probabilities: softmax(logits.data as Float32Array),
      looks: Array.from({ length: data.length / size }, (_, i) => data.slice(i * size, (i + 1) * size)),
    };
  };
};

/** The language model of a checkpoint's bytes; the engine has to run. */
export const loadWords = (bytes: Uint8Array): Fill => {
  const model = words();
  const { params, state } = load(model, bytes);
  return async (ids) => {
    const inputs = pad(ids, maxLength).map(toTensor);
    const { output } = model.apply(params, state, {}, inputs[0], inputs[1]);
    const logits = await toHost(output);
    dispose([...inputs, output]);
    return logits.data as Float32Array;
  };
};
