/**
 * Runs that move between JAX and here: a checkpoint of jaxline, or of a program of one's own, as a train state, and the
 * other way round.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { type HostArray, int32 } from '../data/array.js';
import { awaitValues, type Params, toTensor } from '../data/leaf.js';
import { paths } from '../data/tree.js';
import { expectWeights } from '../data/weights.js';
import type { Checkpoint, PickleValue, Savable } from '../checkpoint/index.js';
import { tensorsIn } from '../engine/index.js';
import { foldIn, type Key, key as keyOf, split } from '../random/index.js';
import { fromOptax, pickleArray, toOptax } from './optaxState.js';
import { donate, expectAlive, own, stepOf, type TrainState, weightsOf } from './trainState.js';
import type { TrainStep } from './trainStep.js';
import type { OptimizerState } from './transformation.js';

/** The names of a file's parts beside `params` and `state`. */
export interface PartNames {
  /** `opt_state` if not given. */
  readonly optimizer?: string;
  /** The number of updates: `global_step` if not given; counts of the optimizer alone are taken where there is none. */
  readonly step?: string;
  /** The key of the next step: `train_step_rng` if not given. */
  readonly key?: string;
}

const namesOf = ({ optimizer = 'opt_state', step = 'global_step', key = 'train_step_rng' }: PartNames) => ({
  optimizer,
  step,
  key,
});

/**
 * jaxline's keys: the step's is the first half, folded with the number of the host and of the device, as its default
 * `unique_host_unique_device` does; the next state's is the second half. For the option `nextKeys` of `trainStep`.
 * Source: jaxline experiment.py `train_loop`, utils.py `specialize_rng_host_device`.
 */
export const jaxlineKeys = (from: Key): readonly [step: Key, next: Key] => {
  const [step, next] = split(from);
  return [foldIn(foldIn(step, 0), 0), next];
};

/** A whole number that a pickle has as a number or as an array of one element. */
const numberOf = (value: PickleValue | undefined): number | undefined => {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null || !('dtype' in value)) return undefined;
  return Number((value as HostArray).data[0]);
};

/** A key [2], or the same key for each device [devices, 2]. */
const wordsOf = (value: PickleValue | undefined): readonly [number, number] | undefined => {
  if (typeof value !== 'object' || value === null || !('dtype' in value)) return undefined;
  const { shape, dtype, data } = value as HostArray;
  if (dtype !== 'uint32' || shape[shape.length - 1] !== 2) return undefined;
  return [Number(data[0]), Number(data[1])];
};

/**
 * The train state of a checkpoint that JAX wrote, for a step of the same transformation. It belongs to the step.
 * @param checkpoint  read by `readCheckpoint`: parameters, state, and optax's state beside them
 * @param options     names of the parts; `key` for a file that has none
 * @returns every part that is missing or does not fit, and counts that do not agree
 */
export const fromJax = <B, S extends OptimizerState>(
  checkpoint: Pick<Checkpoint, 'params' | 'state' | 'rest'>,
  step: TrainStep<B, S>,
  options: PartNames & { readonly startKey?: Key } = {},
): E.Either<readonly string[], TrainState<S>> => {
  expectWeights('fromJax', checkpoint);
  const { params, state, rest = new Map<string, PickleValue>() } = checkpoint;
  const names = namesOf(options);
  const problems: string[] = [];
  const words = wordsOf(rest.get(names.key)) ?? options.startKey?.words;
  if (!words) problems.push(`'${names.key}' is missing, or no uint32 key: give 'startKey'`);
  const steps = numberOf(rest.get(names.step));
  const saved = rest.get(names.optimizer);
  if (saved === undefined)
    return E.left([
      ...problems,
      `'${names.optimizer}' is missing: the file has ${[...rest.keys()].join(', ') || 'no parts'}`,
    ]);
  const first = step.init({ params: params as Params<HostArray>, state }, keyOf(0));
  try {
    const optimizer = fromOptax(saved, first.optimizer, steps);
    if (E.isLeft(optimizer)) return E.left([...problems, ...optimizer.left]);
    if (!words || problems.length > 0) {
      tf.dispose(tensorsIn(optimizer.right));
      return E.left(problems);
    }
    const made = {
      optimizer: optimizer.right,
      step: toTensor(int32([], [steps ?? countIn(optimizer.right) ?? 0])),
      ...(first.ema && {
        ema: {
          count: first.ema.count.clone(),
          average: first.ema.average.with(first.ema.average.matrix.clone()),
        },
      }),
    };
    const key: HostArray<'uint32'> = { shape: [2], dtype: 'uint32', data: Uint32Array.from(words) };
    return E.right(own({ params: params as Params<HostArray>, state, ...made, key }, made));
  } finally {
    donate(first);
  }
};

/** The first count in a state. */
const countIn = (state: OptimizerState): number | undefined =>
  tensorsIn(state)
    .find(({ dtype, rank }) => dtype === 'int32' && rank === 0)
    ?.dataSync()[0];

/**
 * A train state as parts of a pickle for JAX: `writeCheckpoint` writes it, `pickle.load` reads it there, with Haiku's
 * trees and optax's states.
 */
export const toJax = async (state: TrainState, options: PartNames = {}): Promise<Savable> => {
  expectAlive('toJax', state);
  const names = namesOf(options);
  await awaitValues(tensorsIn(state));
  const weights = await weightsOf(state);
  const rest = new Map<string, PickleValue>([
    [names.optimizer, toOptax(state.optimizer, paths(weights.params))],
    [names.step, stepOf(state)],
    [names.key, pickleArray(state.key)],
  ]);
  return { ...weights, rest };
};
