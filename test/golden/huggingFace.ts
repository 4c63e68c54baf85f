/**
 * The folder `hf`: models of Hugging Face, each with its config, weights, inputs and outputs. The config becomes a
 * preset, the weights get Haiku's names, and outputs are those that PyTorch computed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { type HostArray, toFloat32 } from '../../lib/data/array.js';
import {
  type Checkpoint,
  parseCheckpoint,
  showCheckpointError,
  showNamesError,
} from '../../lib/checkpoint/index.js';
import { showConfigProblem } from '../../lib/data/config.js';
import { adopt, showAdoptError } from '../../lib/language/adopt.js';
import { awaitValues, isTensor, toHostSync, toTensor } from '../../lib/data/leaf.js';
import { partsOf } from '../../lib/data/nest.js';
import { transformWithState } from '../../lib/language/transform.js';
import { flowOfPatches } from '../../presets/flow/network.js';
import { fromHuggingFace, type HuggingFaceModel } from '../../presets/huggingFace/fromHuggingFace.js';
import { toHaikuNames, toHuggingFaceNames, type Translated } from '../../presets/huggingFace/trees.js';
import type { Weights } from '../../lib/data/leaf.js';
import { type Arrays, type Case, type Named, readArrays, readJson } from './case.js';
import { type Check, compare, compareTrees } from './compare.js';

const orThrow =
  <L>(show: (left: L) => string) =>
  <A>(result: E.Either<L, A>): A => {
    if (E.isLeft(result)) throw new Error(show(result.left));
    return result.right;
  };

const read = (path: string): Checkpoint =>
  orThrow(showCheckpointError)(parseCheckpoint(new Uint8Array(readFileSync(path))));

/** Tolerance of outputs as a share of the largest: PyTorch sums float32 in another order. */
const share = 1e-5;

/** The share as a tolerance in the runner's units, which count from 1. */
const toleranceOf = (stored: HostArray): number => {
  const largest = toFloat32(stored).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return (share * largest) / (1 + largest);
};

type Inputs = Readonly<Record<string, tf.Tensor>>;

/** [..., C, H, W] to [..., H, W, C]. */
const channelsLast = (x: tf.Tensor): tf.Tensor => {
  const batch = x.shape.map((_, axis) => axis).slice(0, -3);
  const [c, h, w] = [x.rank - 3, x.rank - 2, x.rank - 1];
  return tf.transpose(x, [...batch, h, w, c]);
};

const points = (arrays: Arrays, name: string): ArrayLike<number> =>
  Array.from((arrays.get(`in/${name}`) as HostArray).data as BigInt64Array, Number);

/** A model's outputs for stored inputs, which are those of Hugging Face's class. */
const run = (made: HuggingFaceModel, { params, state = {} }: Weights, inputs: Inputs, arrays: Arrays) => {
  switch (made.architecture) {
    case 'PerceiverForMaskedLM':
    case 'PerceiverForSequenceClassification':
      return made.model.apply(params, state, {}, inputs.inputs, inputs.attention_mask).output;
    case 'PerceiverForOpticalFlow': {
      const { apply } = transformWithState(flowOfPatches({ ...made.model.config, flowScale: 1 }));
      return apply(params, state, {}, channelsLast(inputs.inputs)).output;
    }
    case 'PerceiverForMultimodalAutoencoding': {
      const { image, audio, label } = inputs;
      const clip = { image: channelsLast(image), audio, label };
      const asked = { image: points(arrays, 'image_points'), audio: points(arrays, 'audio_points') };
      return made.model.apply(params, state, {}, clip, asked).output;
    }
    default:
      return made.model.apply(params, state, {}, channelsLast(inputs.inputs)).output;
  }
};

export const outputsOf = async (
  made: HuggingFaceModel,
  weights: Weights,
  inputs: Inputs,
  arrays: Arrays,
): Promise<Named> => {
  const outputs = tf.tidy(() => run(made, weights, inputs, arrays));
  await awaitValues(outputs);
  const named = isTensor(outputs) ? { '': outputs } : outputs;
  const hosts = Object.entries(named).map(([name, tensor]) => [name, toHostSync(tensor)] as const);
  tf.dispose(partsOf(outputs, isTensor));
  return Object.fromEntries(hosts);
};

export const inputsOf = (arrays: Arrays): Inputs =>
  Object.fromEntries(
    [...arrays].flatMap(([name, array]) =>
      name.startsWith('in/') ? [[name.slice('in/'.length), toTensor(array)] as const] : [],
    ),
  );

const checkOutputs = (arrays: Arrays, found: Named): Check[] =>
  [...arrays].flatMap(([name, stored]) => {
    if (!/^out(\/|$)/.test(name)) return [];
    return compare(name, found[name.slice('out/'.length)], stored, toleranceOf(stored));
  });

const exactly = (name: string, found: HostArray, stored: HostArray): Check => compare(name, found, stored, 0);

/** Back under Hugging Face's names it is the checkpoint that it was. */
const checkWayBack = (translated: Translated<Checkpoint>, original: Checkpoint): Check[] => {
  const back = orThrow(showNamesError)(toHuggingFaceNames()(translated));
  return compareTrees('back', back.params, original.params, exactly);
};

/** The same weights as PyTorch pickles them. */
const checkPickled = (stem: string, original: Checkpoint): Check[] => {
  const path = `${stem}.pytorch_model.bin`;
  return existsSync(path)
    ? compareTrees('pytorch_model.bin', read(path).params, original.params, exactly)
    : [];
};

const checkModel = async (stem: string): Promise<Check[]> => {
  const original = read(`${stem}.safetensors`);
  const translated = orThrow(showNamesError)(toHaikuNames()(original));
  const made = orThrow((problems: readonly Parameters<typeof showConfigProblem>[0][]) =>
    problems.map(showConfigProblem).join('; '),
  )(fromHuggingFace(readJson(`${stem}.config.json`), translated.architecture));
  const weights = orThrow(showAdoptError)(adopt(made.model)(translated));
  const arrays = readArrays(`${stem}.npz`);
  const inputs = inputsOf(arrays);
  const found = await outputsOf(made, weights, inputs, arrays);
  tf.dispose(inputs as tf.NamedTensorMap);
  return [
    ...checkOutputs(arrays, found),
    ...checkWayBack(translated, original),
    ...checkPickled(stem, original),
  ];
};

/** Every model of a folder. */
export const huggingFaceCases = (folder: string): readonly Case[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.safetensors'))
    .map((file) => file.replace(/\.safetensors$/, ''))
    .map((name) => ({ name, run: () => checkModel(join(folder, name)) }));
