/**
 * The beginning of a run: its first state, or the newest checkpoint that is whole. Whatever decides the numbers of a run
 * is compared with the checkpoint: a changed recipe and other data are refused, another environment is reported.
 */
import * as E from 'fp-ts/lib/Either.js';
import { few } from '../data/few.js';
import { paths, selects, type Tree } from '../data/tree.js';
import { donate } from '../engine/index.js';
import type { Key } from '../random/index.js';
import { asideName, type CheckpointStore, checkpointsIn } from './checkpointStore.js';
import type { Data } from './data.js';
import { changesBetween, currentEnvironment, differences } from './environment.js';
import {
  parseTrainCheckpoint,
  type Restored,
  type RunRecord,
  showTrainCheckpointError,
  type StepSettings,
} from './trainCheckpoint.js';
import type { HostWeights, TrainState } from './trainState.js';
import { settingsOf } from './settings.js';
import type { OptimizerState } from './transformation.js';
import type { LossAdapters, TrainStepOptions } from './trainStep.js';

/** Checkpoints of a run, and its resumption. */
export interface CheckpointOptions {
  readonly store: CheckpointStore;
  /**
   * Updates between two checkpoints; the last update is saved, too. Beside them, `best.safetensors` holds the weights of
   * the best evaluation, where `evaluate` says which one that is.
   */
  readonly every: number;
  /** Asked after each update: true saves then, too, as a page does that is hidden. */
  readonly isAsked?: () => boolean;
  /**
   * Goes on from the newest checkpoint; begins a run where there is none, which a note says. Refused where the store has
   * a checkpoint, if not given.
   */
  readonly resume?: boolean;
  /**
   * Goes on with another recipe, other data, another data key or another step than the checkpoint's, which notes of
   * `started` say; refused if not given.
   */
  readonly acceptChanges?: boolean;
  /** Goes on with data that cannot be addressed by position, from wherever it is now; refused if not given. */
  readonly skipData?: boolean;
  /** More entries for the metadata of every file, such as the config of the model. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * Makes the weights for `best.safetensors` of those that train, such as `merge` of low-rank adapters; they are written
   * as they are if not given.
   */
  readonly plain?: (weights: HostWeights) => HostWeights;
}

/** The parts of a run that its beginning depends on. */
interface Beginning<S extends OptimizerState> {
  readonly step: { readonly engine?: string; readonly parts: StepParts };
  readonly state: TrainState<S>;
  readonly data: Pick<Data<unknown>, 'isResumable' | 'settings'>;
  readonly key: Key;
  readonly recipe?: unknown;
  readonly evaluate?: {
    readonly run: unknown;
    readonly settings?: unknown;
    readonly best?: { readonly figure: string; readonly isLower?: boolean; readonly of?: string };
  };
  readonly checkpoints?: CheckpointOptions;
}

/** The parts of a step that decide the numbers of a run. */
interface StepParts {
  readonly transformation: unknown;
  readonly loss: { readonly adapters?: LossAdapters };
  readonly options: TrainStepOptions;
}

/** The first state and record of a run, with notes for a person. */
interface Begun<S extends OptimizerState> extends Restored<S> {
  /** The name of the checkpoint that the run goes on from. */
  readonly from?: string;
  readonly notes: readonly string[];
}

/** The options of a step, as JSON. */
const stepSettings = ({ transformation, loss, options }: StepParts, params: Tree<unknown>): StepSettings => {
  const { microBatches = 1, keyMode = 'partitionable', nextKeys, ema, freeze } = options;
  const frozen = freeze === undefined ? [] : paths(params).filter(selects(freeze));
  return {
    transformation: settingsOf(transformation),
    microBatches,
    keyMode,
    ...(nextKeys && { nextKeys: settingsOf(nextKeys) }),
    ...(ema && { ema: { decay: ema.decay, start: ema.start } }),
    ...(loss.adapters && { adapters: loss.adapters.settings }),
    ...(freeze !== undefined && {
      freeze: Object.fromEntries(frozen.map((path) => [path, 'frozen'] as const)),
    }),
  };
};

/** The figure that an evaluation is judged by, as JSON. */
const judgedBy = ({ evaluate }: Pick<Beginning<OptimizerState>, 'evaluate'>): unknown => {
  if (!evaluate?.best) return undefined;
  const { run, settings = settingsOf(run), best } = evaluate;
  const { figure, isLower = false, of = null } = best;
  return { figure, isLower, of, settings };
};

const withJudge = (run: Pick<Beginning<OptimizerState>, 'evaluate'>): Pick<RunRecord, 'judgedBy'> => {
  const judge = judgedBy(run);
  return judge === undefined ? {} : { judgedBy: judge };
};

/** The record of a run that begins. */
const recordOf = <S extends OptimizerState>(run: Beginning<S>): RunRecord => {
  const { step, data, key, recipe = null, state } = run;
  return {
    nextBatch: 0,
    dataKey: key,
    isResumable: data.isResumable !== false,
    best: null,
    sinceBest: 0,
    recipe,
    ...(data.settings && { data: data.settings }),
    step: stepSettings(step.parts, state.params),
    ...withJudge(run),
    environment: currentEnvironment(step.engine),
  };
};

/** The settings in which a run differs from a checkpoint's. */
const changesOf = (before: RunRecord, now: RunRecord): readonly string[] => {
  const ofRecipe = changesBetween(before.recipe, now.recipe, 'recipe');
  const isAddressed = before.isResumable && now.isResumable;
  const ofData = isAddressed ? changesBetween(before.data, now.data, 'data') : [];
  // A recipe decides the step and the key, too: its fields say more than theirs.
  if (ofRecipe.length > 0) return [...ofRecipe, ...ofData];
  const keyOf = ({ dataKey: { mode, words } }: RunRecord): string => `${mode} ${words.join(' ')}`;
  return [
    ...ofData,
    ...(isAddressed ? changesBetween(keyOf(before), keyOf(now), 'key') : []),
    ...(before.step ? changesBetween(before.step, now.step, 'step') : []),
  ];
};

/**
 * Refuses an average that begins otherwise: its numbers would be read for what they are not.
 * @throws Error
 */
const expectSameAverage = (name: string, { step: before }: RunRecord, { step: now }: RunRecord): void => {
  const [was, is] = [before?.ema, now?.ema];
  if (!was || !is || changesBetween(was, is, '').length === 0) return;
  if (was.start === 'copy' && is.start === 'copy') return;
  const shown = ({ decay, start }: typeof was): string => `decay ${decay}, start '${start}'`;
  throw new Error(
    `${name} has a moving average of ${shown(was)}, which cannot be gone on with as ${shown(is)}: give the same \`ema\``,
  );
};

/** A note of the place in the data, which is a number of batches, where these are others than before. */
const placeNotes = (before: RunRecord, now: RunRecord): readonly string[] => {
  const { nextBatch } = before;
  const changed = changesBetween(before.data, now.data, 'data');
  if (nextBatch === 0 || changed.length === 0) return [];
  const stays = `the place in the data stays batch ${nextBatch}`;
  const [was, is] = [before, now].map(({ data }) => nextBatch * Number(data?.batchSize));
  if (changed.length > 1 || !changed[0].startsWith('data.batchSize:'))
    return [`${stays}, of other data: examples may come again or be left out`];
  const effect = is < was ? 'some come again' : 'some are left out';
  return [`${stays}, which was after ${was} examples and is after ${is} now: ${effect}`];
};

/** A note of a gap in data that has no positions. */
const skippedNotes = ({ nextBatch }: RunRecord): readonly string[] => [
  `the data cannot be addressed by position: the run took ${nextBatch} batches of it before, and goes on with the next one ` +
    'that the data gives, wherever that is',
];

/**
 * The settings that are others than the checkpoint's, and accepted.
 * @throws Error for those that are not accepted, and for data that has no way back
 */
const expectSameRun = (
  name: string,
  before: RunRecord,
  now: RunRecord,
  { acceptChanges, skipData }: CheckpointOptions,
): readonly string[] => {
  const isAddressed = before.isResumable && now.isResumable;
  const changes = changesOf(before, now);
  if (!acceptChanges && changes.length > 0) {
    throw new Error(
      [
        `${name} is of a run with other settings:`,
        ...few(changes).map((change) => `  ${change}`),
        "give the same settings, or 'acceptChanges' (--accept-changes) to go on with the new ones",
      ].join('\n'),
    );
  }
  if (!skipData && !isAddressed) {
    throw new Error(
      `${name} is of data that cannot be addressed by position, or the run's data cannot; give 'skipData' to go on ` +
        'with the batch that comes next',
    );
  }
  expectSameAverage(name, before, now);
  return [
    ...few(changes).map((change) => `accepted: ${change}`),
    ...(isAddressed ? placeNotes(before, now) : skippedNotes(before)),
  ];
};

/** The best figure so far, where the evaluation is the same; or else none, and a note. */
const bestOf = (
  before: RunRecord,
  now: RunRecord,
): { readonly best: object; readonly notes: readonly string[] } => {
  const { best, sinceBest, judgedBy: was } = before;
  const isOther =
    best !== null &&
    was !== undefined &&
    now.judgedBy !== undefined &&
    changesBetween(was, now.judgedBy, '').length > 0;
  if (!isOther) return { best: { best, sinceBest }, notes: [] };
  const note =
    `the best begins anew: the one so far, ${best.value} at step ${best.step}, is of another evaluation, and ` +
    'best.safetensors is its until the next';
  return { best: { best: null, sinceBest: 0 }, notes: [note] };
};

/** The newest checkpoint that is whole; undefined where there is none at all. */
const restore = async <S extends OptimizerState>(
  run: Beginning<S>,
  checkpoints: CheckpointOptions,
): Promise<Begun<S> | undefined> => {
  const { store } = checkpoints;
  const now = recordOf(run);
  const notes: string[] = [];
  for (const name of await checkpointsIn(store)) {
    const bytes = await store.read(name);
    const read = parseTrainCheckpoint(bytes, run.state);
    if (E.isLeft(read)) {
      const message = `${name}: ${showTrainCheckpointError(read.left)}`;
      if (read.left.kind === 'misfit') {
        const { record } = read.left;
        // Other classes or another rank change arrays, too: the setting says more than the arrays.
        if (record) expectSameRun(name, record, now, checkpoints);
        throw new Error(message);
      }
      const aside = asideName(name);
      await store.write(aside, bytes);
      await store.remove(name);
      notes.push(`${message}; it is kept as ${aside}`);
      continue;
    }
    const { record, state } = read.right;
    let accepted: readonly string[];
    try {
      accepted = expectSameRun(name, record, now, checkpoints);
    } catch (error) {
      donate(state);
      throw error;
    }
    const { nextBatch, skipped } = record;
    const { best, notes: ofBest } = bestOf(record, now);
    return {
      state,
      record: { ...record, ...now, data: now.data, nextBatch, skipped, ...best },
      from: name,
      notes: [...notes, ...accepted, ...ofBest, ...differences(record.environment, now.environment)],
    };
  }
  if (notes.length > 0)
    throw new Error(
      `no checkpoint is whole, so that there is nothing to go on from: ${notes.join('; ')}; begin the run ` +
        "anew, without 'resume' (--resume)",
    );
  return undefined;
};

/**
 * The first state of a run: the one that was given, or a checkpoint's.
 * @throws Error where a checkpoint cannot be gone on from, or is there and `resume` is not given
 */
export const begin = async <S extends OptimizerState>(run: Beginning<S>): Promise<Begun<S>> => {
  const { checkpoints, state } = run;
  const fresh: Begun<S> = { state, record: recordOf(run), notes: [] };
  if (!checkpoints) return fresh;
  if (!checkpoints.resume) {
    const [newest] = await checkpointsIn(checkpoints.store);
    if (newest === undefined) return fresh;
    throw new Error(
      `there is a checkpoint already, ${newest}: give 'resume' (--resume) to go on from it, or another place`,
    );
  }
  const restored = await restore(run, checkpoints);
  if (!restored) return { ...fresh, notes: ['no checkpoint is there to go on from: the run begins'] };
  donate(state);
  return restored;
};
