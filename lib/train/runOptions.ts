/** Checks of a run's options, all at its start: the loop would meet some of them only after hours. */
import { count, natural } from '../data/config.js';
import { messageOf } from '../files/error.js';
import { expectKnown } from '../data/nearest.js';
import { isPlain, isRecord } from '../data/nest.js';
import { kindOf } from '../data/weights.js';
import type { Data } from './data.js';
import { expectKey } from './expectState.js';
import { expectOptions, given, oneOf, wholeFrom1 } from './options.js';
import { expectAlive, type TrainState } from './trainState.js';

/** The options that are checked, as somebody gave them. */
interface Given {
  readonly step: unknown;
  readonly recipe?: unknown;
  readonly data: unknown;
  readonly state: TrainState;
  readonly key: unknown;
  readonly numSteps: unknown;
  readonly ahead?: unknown;
  readonly onNotFinite?: unknown;
  readonly mostSkipped?: unknown;
  readonly evaluate?: {
    readonly every: unknown;
    readonly run: unknown;
    readonly settings?: unknown;
    readonly best?: { readonly patience?: unknown; readonly of?: unknown };
  };
  readonly checkpoints?: { readonly every: unknown; readonly store: unknown; readonly metadata?: unknown };
}

const trainNames = [
  ...['step', 'state', 'data', 'key', 'numSteps', 'evaluate', 'checkpoints', 'recipe', 'ahead'],
  ...['onNotFinite', 'mostSkipped', 'signal'],
];

const checkpointNames = [
  ...['store', 'every', 'isAsked', 'resume', 'acceptChanges', 'skipData', 'metadata', 'plain'],
];

/** @throws TypeError for what is no training step */
const expectStep = (step: unknown): void => {
  const names = ['init', 'averaged', 'parts'];
  const isStep = typeof step === 'function' && names.every((name) => name in step);
  if (isStep) return;
  throw new TypeError(
    `train: the step is ${typeof step === 'function' ? 'a function' : kindOf(step)}, expected one of trainStep, or ` +
      'loopStep(step, compileStep(step)), which onnxruntime computes',
  );
};

/** @throws TypeError for what is no place for checkpoints */
const expectStore = (store: unknown): void => {
  const names = ['list', 'read', 'write', 'remove'];
  const has = (name: string): boolean => isRecord(store) && typeof store[name] === 'function';
  if (names.every(has)) return;
  const found = typeof store === 'string' ? `the text '${store}'` : kindOf(store);
  const given = typeof store === 'string' ? store : 'runs/mine';
  throw new TypeError(
    `train: checkpoints.store is ${found}, expected a place for files, such as folderStore('${given}')`,
  );
};

/**
 * Refuses what JSON cannot hold: it would be written as something else, and compare equal to it.
 * @throws TypeError with the place
 */
const expectJson = (what: string, value: unknown, around: readonly unknown[] = []): void => {
  const refuse = (found: string): never => {
    throw new TypeError(
      `train: ${what} is ${found}, which JSON cannot hold: give it as a text or a finite number`,
    );
  };
  if (value === null || value === undefined || ['string', 'boolean'].includes(typeof value)) return;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : refuse(String(value));
  if (around.includes(value)) return refuse('a value that holds itself');
  if (!Array.isArray(value) && !isPlain(value)) return refuse(shownKind(value));
  for (const [name, each] of Object.entries(value)) expectJson(`${what}.${name}`, each, [...around, value]);
};

const shownKind = (value: unknown): string =>
  typeof value === 'object' && value !== null ? `a ${value.constructor.name}` : `a ${typeof value}`;

/** @throws TypeError for data that is not addressed by position */
const expectData = (data: unknown): void => {
  if (typeof (data as { readonly at?: unknown } | undefined)?.at === 'function' && !Array.isArray(data))
    return;
  if (data === undefined || data === null)
    throw new TypeError(
      `train: data is ${String(data)}, expected batches by position, as \`batches\` makes them`,
    );
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
  expectStep(all.step);
  expectAlive('train', state);
  expectKey('train', options.key);
  expectData(data);
  if (checkpoints) expectStore(checkpoints.store);
  if (evaluate && typeof evaluate.run !== 'function')
    throw new TypeError(
      `train: evaluate.run is ${kindOf(evaluate.run)}, expected a function of weights that resolves to figures, as evaluation(…) is`,
    );
  expectJson('recipe', all.recipe);
  expectJson('evaluate.settings', evaluate?.settings);
  expectJson('settings of the data', (data as Data<unknown>).settings);
  expectJson('checkpoints.metadata', checkpoints?.metadata);
  expectOptions('train', {
    numSteps: [options.numSteps, natural],
    ...given({ ahead: [options.ahead, count], onNotFinite: [options.onNotFinite, oneOf('stop', 'skip')] }),
    ...given({ mostSkipped: [options.mostSkipped, natural] }),
    ...(evaluate && { 'evaluate.every': [evaluate.every, wholeFrom1] }),
    ...(checkpoints && { 'checkpoints.every': [checkpoints.every, wholeFrom1] }),
  });
  const { patience, of } = evaluate?.best ?? {};
  expectOptions('train', {
    ...given({ 'evaluate.best.patience': [patience, wholeFrom1] }),
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
