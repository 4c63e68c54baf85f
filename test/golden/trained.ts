/**
 * The folder `trained`: models that were trained, with held-out inputs. Parameters are adopted by the preset's network,
 * and logits and accuracies are those of the original.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { float32, type HostArray, toFloat32 } from '../../lib/data/array.js';
import { parseCheckpoint, showCheckpointError } from '../../lib/checkpoint/index.js';
import { adopt, type Adopted, showAdoptError } from '../../lib/language/adopt.js';
import { toHost, toTensor } from '../../lib/data/leaf.js';
import { count } from '../../lib/data/treeArrays.js';
import { outline } from '../../lib/language/outline.js';
import type { Layer } from '../../lib/language/scope.js';
import { transformWithState } from '../../lib/language/transform.js';
import { type Arrays, type Case, readArrays, readJson } from './case.js';
import { type Check, compare, failing } from './compare.js';
import { programOf } from './presets.js';
import type { Inputs, Outputs } from './program.js';

/** Facts of a trained model. */
interface Trained {
  readonly config: Readonly<Record<string, unknown>>;
  readonly parameters: number;
  readonly [figure: string]: unknown;
}

type Network = Layer<[inputs: Inputs], Outputs>;

/** Tolerance of logits, as for the presets. */
const logitTolerance = 5e-5;

const endings = ['.pystate', '.pickle', '.npz'];

const checkpointOf = (stem: string) => {
  const path = endings.map((ending) => stem + ending).find(existsSync);
  if (path === undefined) throw new Error(`there is no ${stem} with ${endings.join(', ')}`);
  const read = parseCheckpoint(new Uint8Array(readFileSync(path)));
  if (E.isLeft(read)) throw new Error(`${path}: ${showCheckpointError(read.left)}`);
  return read.right;
};

const adopted = (network: Network, stem: string, inputs: Inputs): Adopted => {
  const read = adopt({ outline: outline(network, [inputs]) })(checkpointOf(stem));
  if (E.isLeft(read)) throw new Error(showAdoptError(read.left));
  return read.right;
};

const tensors = (arrays: Arrays, names: Readonly<Record<string, string>>): Inputs =>
  Object.fromEntries(
    Object.entries(names).map(([own, name]) => [own, toTensor(arrays.get(name) as HostArray)]),
  );

const logitsOf = async (network: Network, { params, state }: Adopted, inputs: Inputs): Promise<HostArray> => {
  const { output, state: after } = transformWithState(network).apply(params, state, {}, inputs);
  const logits = await toHost(output as tf.Tensor);
  tf.dispose([output, after] as tf.TensorContainer);
  return logits;
};

/** The class of each row of logits [..., C]. */
const classes = ({ shape, data }: HostArray): number[] => {
  const width = shape[shape.length - 1];
  const rows = data.length / width;
  return Array.from({ length: rows }, (_, row) => {
    const logits = data.slice(row * width, (row + 1) * width) as Float32Array;
    return logits.indexOf(Math.max(...logits));
  });
};

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** A figure as it is said: with as many digits. */
const checkFigure = (name: string, found: number, said: unknown): Check => {
  const digits = Math.min(12, (/\.(\d+)/.exec(String(said)) ?? ['', ''])[1].length);
  return rounded(found, digits) === rounded(Number(said), digits)
    ? { array: name, error: 0, tolerance: 0 }
    : failing(name, `${found}, expected ${said}`);
};

const share = (answers: readonly boolean[]): number =>
  answers.filter((isRight) => isRight).length / answers.length;

/** Accuracy over labelled images. */
const checkImages = async (
  network: Network,
  stem: string,
  arrays: Arrays,
  trained: Trained,
): Promise<Check[]> => {
  const inputs = tensors(arrays, { images: 'images' });
  const logits = await logitsOf(network, adopted(network, stem, inputs), inputs);
  tf.dispose(inputs as tf.NamedTensorMap);
  const labels = (arrays.get('labels') as HostArray).data;
  const answers = classes(logits).map((found, i) => found === Number(labels[i]));
  return [
    compare('logits', logits, arrays.get('logits') as HostArray, logitTolerance),
    checkFigure('test_accuracy', share(answers), trained.test_accuracy),
  ];
};

/** Masked positions between two that are not. */
const isIsolated = (weights: ArrayLike<number>, width: number, i: number): boolean => {
  const place = i % width;
  const isInside = place > 0 && place < width - 1;
  return isInside && weights[i] !== 0 && weights[i - 1] === 0 && weights[i + 1] === 0;
};

/** Accuracy over masked bytes, and over those that stand alone. */
const checkText = async (
  network: Network,
  stem: string,
  arrays: Arrays,
  trained: Trained,
): Promise<Check[]> => {
  const inputs = tensors(arrays, { inputs: 'inputs', input_mask: 'mask' });
  const logits = await logitsOf(network, adopted(network, stem, inputs), inputs);
  tf.dispose(inputs as tf.NamedTensorMap);
  const [weights, targets] = ['weights', 'targets'].map((name) => toFloat32(arrays.get(name) as HostArray));
  const answers = classes(logits).map((found, i) => found === targets[i]);
  const among = (isAsked: (i: number) => boolean) => share(answers.filter((_, i) => isAsked(i)));
  const width = logits.shape[1];
  const stored = arrays.get('logits_first4') as HostArray;
  const first = float32(stored.shape, (logits.data as Float32Array).slice(0, stored.data.length));
  return [
    compare('logits_first4', first, stored, logitTolerance),
    checkFigure(
      'words_test_byte_accuracy',
      among((i) => weights[i] !== 0),
      trained.words_test_byte_accuracy,
    ),
    checkFigure(
      'words_test_isolated_letter_accuracy',
      among((i) => isIsolated(weights, width, i)),
      trained.words_test_isolated_letter_accuracy,
    ),
  ];
};

const checkSize = (stem: string, { parameters }: Trained): Check => {
  const found = count(checkpointOf(stem).params);
  return found === parameters
    ? { array: 'parameters', error: 0, tolerance: 0 }
    : failing('parameters', `${found}, expected ${parameters}`);
};

const checkTrained = async (stem: string): Promise<Check[]> => {
  const trained = readJson(`${stem}.json`) as Trained;
  const arrays = readArrays(`${stem}-test.npz`);
  const network = programOf(trained.config, { inputs: {} });
  const check = arrays.has('images') ? checkImages : checkText;
  return [...(await check(network, stem, arrays, trained)), checkSize(stem, trained)];
};

/** Every model of a folder. */
export const trainedCases = (folder: string): readonly Case[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('-test.npz'))
    .map((file) => file.replace('-test.npz', ''))
    .map((name) => ({ name, run: () => checkTrained(join(folder, name)) }));
