/** Checks of a run's options, all at its start: the loop would meet some of them only after hours. */
import { count, countTo, natural } from '../data/config.js';
import { messageOf } from '../files/error.js';
import { expectKnown } from '../data/nearest.js';
import { expectKey } from './expectState.js';
import { expectOptions, given, oneOf } from './options.js';
import { expectAlive, type TrainState } from './trainState.js';

/** The options that are checked, as somebody gave them. */
interface Given {
  readonly data: unknown;
  readonly state: TrainState;
  readonly key: unknown;
  readonly numSteps: unknown;
  readonly ahead?: unknown;
  readonly onNotFinite?: unknown;
  readonly mostSkipped?: unknown;
  readonly evaluate?: {
    readonly every: unknown;
    readonly best?: { readonly patience?: unknown; readonly of?: unknown };
  };
  readonly checkpoints?: { readonly every: unknown };
}

const trainNames = [
  ...['step', 'state', 'data', 'key', 'numSteps', 'evaluate', 'checkpoints', 'recipe', 'ahead'],
  ...['onNotFinite', 'mostSkipped', 'signal'],
];

const checkpointNames = [
  ...['store', 'every', 'isAsked', 'resume', 'acceptChanges', 'skipData', 'metadata', 'plain'],
];

/** @throws TypeError for data that is not addressed by position */
const expectData = (data: unknown): void => {
  if (typeof (data as { readonly at?: unknown } | undefined)?.at === 'function' && !Array.isArray(data))
    return;
  const isIterable =
    typeof data === 'object' && data !== null && (Symbol.asyncIterator in data || Symbol.iterator in data);
  throw new TypeError(
    isIterable
      ? 'train: data is an iterable, expected batches by position: give `streamed(data)`, or `batches` of examples'
      : 'train: data has no function `at`, expected batches by position, as `batches` makes them',
  );
};

/**
 * Refuses options that no run can have, and names that are none.
 * @throws TypeError for other data, and for what is no state or key; RangeError for numbers out of their ranges
 */
export const expectTrainOptions = (all: Given): void => {
  const { data, state, evaluate, checkpoints, ...options } = all;
  for (const [where, part, names] of [
    ['train', all, trainNames],
    ['train: evaluate', evaluate, ['every', 'run', 'settings', 'best']],
    ['train: evaluate.best', evaluate?.best, ['figure', 'isLower', 'patience', 'of']],
    ['train: checkpoints', checkpoints, checkpointNames],
  ] as const)
    if (part) expectKnown(where, part, names);
  expectAlive('train', state);
  expectKey('train', options.key);
  expectData(data);
  const updates = countTo(Number.MAX_SAFE_INTEGER);
  expectOptions('train', {
    numSteps: [options.numSteps, natural],
    ...given({ ahead: [options.ahead, count], onNotFinite: [options.onNotFinite, oneOf('stop', 'skip')] }),
    ...given({ mostSkipped: [options.mostSkipped, natural] }),
    ...(evaluate && { 'evaluate.every': [evaluate.every, updates] }),
    ...(checkpoints && { 'checkpoints.every': [checkpoints.every, updates] }),
  });
  const { patience, of } = evaluate?.best ?? {};
  expectOptions('train', {
    ...given({ 'evaluate.best.patience': [patience, updates] }),
    ...given({ 'evaluate.best.of': [of, oneOf('raw', 'ema')] }),
  });
  if (of === 'ema' && state.ema === undefined)
    throw new RangeError(
      "train: evaluate.best.of is 'ema', and the state has no moving average: give `ema` to trainStep",
    );
};

/** An error with its place in the run before its text; the error itself is the cause. */
export const errorAt = (place: string, error: unknown): Error =>
  new Error(`${place}: ${messageOf(error)}`, { cause: error });
