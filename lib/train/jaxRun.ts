/**
 * Runs that move between JAX and here: a checkpoint of jaxline, of a program of one's own, or of a step that `exportJax`
 * wrote, as a train state; and a train state as a checkpoint with optax's states.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { type HostArray, int32 } from '../data/array.js';
import { awaitValues, isTensor, type Params, toTensor } from '../data/leaf.js';
import { expectKnown } from '../data/nearest.js';
import { isRecord } from '../data/nest.js';
import { flatten, paths } from '../data/tree.js';
import { expectWeights } from '../data/weights.js';
import type { Checkpoint, PickleValue, Savable } from '../checkpoint/index.js';
import { donate, own, tensorsIn } from '../engine/index.js';
import { foldIn, type Key, key as keyOf, split } from '../random/index.js';
import type { AverageOptions } from './average.js';
import { Leaves } from './leaves.js';
import { fromOptax, pickleArray, toFields, toOptax, treeValue } from './optaxState.js';
import {
  type AveragedParams,
  expectAlive,
  hostLeaves,
  stepOf,
  type TrainState,
  weightsOf,
} from './trainState.js';
import type { TrainStep } from './trainStep.js';
import type { OptimizerState } from './transformation.js';

/**
 * The names of a file's parts beside `params` and `state`. Where they are not given, `fromJax` also knows those of the
 * state of an exported step: `optimizer`, `step`, `key`, `ema`.
 */
export interface PartNames {
  /** `opt_state` if not given. */
  readonly optimizer?: string;
  /**
   * The number of updates: `global_step` or `step` if not given. A file without it is taken by the counts of the
   * optimizer, if there are some of updates.
   */
  readonly step?: string;
  /** The key of the next step: `train_step_rng` if not given. */
  readonly key?: string;
  /** The moving average of parameters: `ema_params` if not given; null to leave the average out. */
  readonly ema?: string | null;
}

const namesOf = ({
  optimizer = 'opt_state',
  step = 'global_step',
  key = 'train_step_rng',
  ema = 'ema_params',
}: PartNames) => ({ optimizer, step, key, ema });

/** Names of the number of updates that mean nothing else. */
const stepNames = ['global_step', 'step'];

type Parts = ReadonlyMap<string, PickleValue>;

/** The names of a file's parts: those that are not given are an exported step's where only these are there. */
const namesIn = (parts: Parts, given: PartNames) => {
  const usual = namesOf({});
  const found = (name: 'optimizer' | 'key' | 'ema'): string =>
    parts.has(name) && !parts.has(usual[name] as string) ? name : (usual[name] as string);
  const { optimizer = found('optimizer'), key = found('key'), ema = found('ema') } = given;
  return { ...namesOf(given), optimizer, key, ema };
};

const named = (parts: Parts): string => [...parts.keys()].join(', ') || 'no parts';

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

/** The number of updates that a file says it is after; undefined where it says nothing, with problems of a wrong one. */
const stepsIn = (
  parts: Parts,
  { step, startStep }: PartNames & { readonly startStep?: number },
  problems: string[],
): number | undefined => {
  const name = step ?? stepNames.find((each) => parts.has(each));
  if (name === undefined) return startStep;
  const found = numberOf(parts.get(name));
  if (found !== undefined && Number.isInteger(found) && found >= 0) return found;
  problems.push(`'${name}' is ${found ?? 'missing, or no number'}, expected a whole number of updates`);
  return undefined;
};

/** Tells whether a state counts batches between two updates, as that of `multiSteps` does. */
const countsBatches = (state: OptimizerState): boolean =>
  Array.isArray(state)
    ? state.some(countsBatches)
    : isRecord(state) && !isTensor(state) && !(state instanceof Leaves)
      ? 'miniStep' in state || Object.values(state as Record<string, OptimizerState>).some(countsBatches)
      : false;

/** Tells the average of an exported step's state: a count beside the averages, for either beginning. */
const isAveraged = (value: PickleValue): boolean => {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'dict')
    return false;
  const count = value.entries.get('count');
  return typeof count === 'object' && count !== null && 'dtype' in count;
};

/**
 * The average in a file: optax's `EmaState` for one that began at zeros, a plain tree for one that began as a copy; as it
 * is from an exported step.
 */
const averageIn = (
  parts: Parts,
  name: string | null,
  {
    like,
    ema,
    steps,
  }: { readonly like?: AveragedParams; readonly ema?: AverageOptions; readonly steps: number },
): E.Either<readonly string[], AveragedParams | undefined> => {
  const value = name === null ? undefined : parts.get(name);
  if (!like || !ema)
    return value === undefined
      ? E.right(undefined)
      : E.left([
          `'${name}' is a moving average, and the step keeps none: give \`ema\` to trainStep, or \`ema: null\` here to leave it out`,
        ]);
  const count = (): tf.Tensor => toTensor(int32([], [steps]));
  if (name === null)
    return E.right({ count: count(), average: like.average.with(like.average.matrix.clone()) });
  if (value === undefined)
    return E.left([
      `'${name}' is missing, and the step keeps a moving average: name its part by \`ema\`, or give \`ema: null\` to begin it anew; the file has ${named(parts)}`,
    ]);
  if (isAveraged(value))
    return fromOptax(value, { ...like }, undefined, name) as E.Either<readonly string[], AveragedParams>;
  const isPlain = typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'dict';
  if (isPlain !== (ema.start === 'copy'))
    return E.left([
      isPlain
        ? `'${name}' is a plain tree, an average that began as a copy, and the step's begins at zeros: give start 'copy'`
        : `'${name}' is no plain tree of parameters, as an average that began as a copy is: give start 'zeros' for optax's EmaState`,
    ]);
  if (isPlain)
    return E.map((average: Leaves) => ({ count: count(), average }))(
      fromOptax(value, like.average, undefined, name),
    );
  const read = fromOptax(value, { count: like.count, ema: like.average }, steps, name);
  return E.map(({ count: own, ema: average }: { count: tf.Tensor; ema: Leaves }) => ({
    count: own,
    average,
  }))(read);
};

/**
 * The train state of a checkpoint that JAX wrote, for a step of the same transformation. It belongs to the step.
 * @param checkpoint  read by `readCheckpoint`: parameters, state, and optax's state beside them; or the whole state of a
 * step that `exportJax` wrote
 * @param options     names of the parts; `startKey` and `startStep` for a file that has no key, or no number of updates
 * @returns every part that is missing or does not fit, and counts that do not agree
 */
export const fromJax = <B, S extends OptimizerState>(
  checkpoint: Pick<Checkpoint, 'params' | 'state' | 'rest'>,
  step: TrainStep<B, S>,
  options: PartNames & { readonly startKey?: Key; readonly startStep?: number } = {},
): E.Either<readonly string[], TrainState<S>> => {
  expectWeights('fromJax', checkpoint);
  expectKnown('fromJax', options, ['optimizer', 'step', 'key', 'ema', 'startKey', 'startStep']);
  const { params, state, rest = new Map<string, PickleValue>() } = checkpoint;
  const names = namesIn(rest, options);
  const problems: string[] = [];
  const words = wordsOf(rest.get(names.key)) ?? options.startKey?.words;
  if (!words) problems.push(`'${names.key}' is missing, or no uint32 key: give 'startKey'`);
  const steps = stepsIn(rest, options, problems);
  const saved = rest.get(names.optimizer);
  if (saved === undefined)
    return E.left([...problems, `'${names.optimizer}' is missing: the file has ${named(rest)}`]);
  const first = step.init({ params: params as Params<HostArray>, state }, keyOf(0));
  try {
    const optimizer = fromOptax(saved, first.optimizer, steps, names.optimizer);
    if (E.isLeft(optimizer)) return E.left([...problems, ...optimizer.left]);
    const updates = steps ?? (countsBatches(optimizer.right) ? undefined : countIn(optimizer.right));
    if (updates === undefined && problems.length === 0)
      problems.push(
        `'${names.step}' is missing, and the optimizer's state has no count of steps: name the part that has it by 'step', ` +
          `or give 'startStep'; the file has ${named(rest)}`,
      );
    const { ema } = step.parts.options;
    const average = averageIn(rest, names.ema, { like: first.ema, ema, steps: updates ?? 0 });
    if (!words || problems.length > 0 || E.isLeft(average)) {
      tf.dispose(tensorsIn([optimizer.right, E.isRight(average) ? { ...average.right } : {}]));
      return E.left([...problems, ...(E.isLeft(average) ? average.left : [])]);
    }
    const made = {
      optimizer: optimizer.right,
      step: toTensor(int32([], [updates as number])),
      ...(average.right && { ema: average.right }),
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

/** The average as JAX has it: the averaged parameters where it began as a copy, else optax's state of `optax.ema`. */
const averageValue = (
  { count, average }: AveragedParams,
  params: Params<HostArray>,
  { start }: AverageOptions,
): PickleValue => {
  if (start === 'zeros') return toOptax({ count, ema: average }, paths(params));
  const own = new Map(flatten(hostLeaves(average)));
  return treeValue(
    flatten(params).map(([path, leaf]) => [path, pickleArray(own.get(path) ?? leaf)] as const),
  );
};

/** The parts of a state beside its weights, as a step that `exportJax` wrote takes them. */
const partsOfStep = (state: TrainState): ReadonlyMap<string, PickleValue> =>
  new Map([
    ['optimizer', toFields(state.optimizer)],
    ['step', pickleArray(int32([], [stepOf(state)]))],
    ['key', pickleArray(state.key)],
    ...(state.ema ? [['ema', toFields({ ...state.ema })] as const] : []),
  ]);

/**
 * A train state as parts of a pickle for JAX: `writeCheckpoint` writes it, and `pickle.load` reads it there.
 * @param options  `form`: 'optax', if not given, for Haiku's trees and optax's states; 'step' for the state that a step which
 * `exportJax` wrote takes as its first argument. Names of the parts, for optax; `average`, the option `ema` of the step, for
 * optax's form of a moving average
 * @throws TypeError for optax's form of a state with a moving average, where neither `average` nor `ema: null` is given; Error
 * for options that are not known, and names for an exported step, whose own are fixed
 */
export const toJax = async (
  state: TrainState,
  options: PartNames & { readonly average?: AverageOptions; readonly form?: 'optax' | 'step' } = {},
): Promise<Savable> => {
  expectAlive('toJax', state);
  const { average, form = 'optax', ...parts } = options;
  if (form !== 'optax' && form !== 'step')
    throw new TypeError(`toJax: form is '${String(form)}', expected 'optax' or 'step'`);
  expectKnown(
    'toJax',
    options,
    form === 'step' ? ['form'] : ['form', 'average', 'optimizer', 'step', 'key', 'ema'],
  );
  if (form === 'step') {
    await awaitValues(tensorsIn(state));
    return { ...(await weightsOf(state)), rest: partsOfStep(state) };
  }
  const names = namesOf(parts);
  const { ema } = state;
  if (ema && names.ema !== null && !average)
    throw new TypeError(
      'toJax: the state has a moving average: give `average`, the option `ema` of its step, or `ema: null` to leave it out',
    );
  await awaitValues(tensorsIn(state));
  const weights = await weightsOf(state);
  const rest = new Map<string, PickleValue>([
    [names.optimizer, toOptax(state.optimizer, paths(weights.params))],
    [names.step, stepOf(state)],
    [names.key, pickleArray(state.key)],
    ...(ema && average && names.ema !== null
      ? [[names.ema, averageValue(ema, weights.params, average)] as const]
      : []),
  ]);
  return { ...weights, rest };
};
