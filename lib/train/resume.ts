/**
 * The beginning of a run: its first state, or the newest checkpoint that is whole. Whatever decides the numbers of a run
 * is compared with the checkpoint: a changed recipe and other data are refused, another environment is reported.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { Key } from '../random/index.js';
import { type CheckpointStore, checkpointsIn } from './checkpointStore.js';
import type { Data } from './data.js';
import { changesBetween, currentEnvironment, differences } from './environment.js';
import {
  parseTrainCheckpoint,
  type Restored,
  type RunRecord,
  showTrainCheckpointError,
} from './trainCheckpoint.js';
import { donate, type HostWeights, type TrainState } from './trainState.js';
import type { OptimizerState } from './transformation.js';

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
  /** Goes on with another recipe or other data than the checkpoint's; refused if not given. */
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
  readonly step: { readonly engine?: string };
  readonly state: TrainState<S>;
  readonly data: Pick<Data<unknown>, 'isResumable' | 'settings'>;
  readonly key: Key;
  readonly recipe?: unknown;
  readonly checkpoints?: CheckpointOptions;
}

/** The first state and record of a run, with notes for a person. */
interface Begun<S extends OptimizerState> extends Restored<S> {
  /** The name of the checkpoint that the run goes on from. */
  readonly from?: string;
  readonly notes: readonly string[];
}

/** The record of a run that begins. */
const recordOf = <S extends OptimizerState>({ step, data, key, recipe = null }: Beginning<S>): RunRecord => ({
  nextBatch: 0,
  dataKey: key,
  isResumable: data.isResumable !== false,
  best: null,
  sinceBest: 0,
  recipe,
  ...(data.settings && { data: data.settings }),
  environment: currentEnvironment(step.engine),
});

/** Differences that are named in an error; a changed pattern of frozen leaves may make hundreds. */
const mostNamed = 10;

/** @throws Error for another recipe or other data than the checkpoint's, and for data that has no way back */
const expectSameRun = (
  name: string,
  before: RunRecord,
  now: RunRecord,
  { acceptChanges, skipData }: CheckpointOptions,
): void => {
  const isAddressed = before.isResumable && now.isResumable;
  const changes = [
    ...changesBetween(before.recipe, now.recipe, 'recipe'),
    ...(isAddressed ? changesBetween(before.data, now.data, 'data') : []),
  ];
  if (!acceptChanges && changes.length > 0) {
    const more = changes.length - mostNamed;
    throw new Error(
      [
        `${name} is of a run with other settings:`,
        ...changes.slice(0, mostNamed).map((change) => `  ${change}`),
        ...(more > 0 ? [`  and ${more} more`] : []),
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
    const read = parseTrainCheckpoint(await store.read(name), run.state);
    if (E.isLeft(read)) {
      const message = `${name}: ${showTrainCheckpointError(read.left)}`;
      if (read.left.kind === 'misfit') {
        const { record } = read.left;
        // Other classes or another rank change arrays, too: the setting says more than the arrays.
        if (record) expectSameRun(name, record, now, checkpoints);
        throw new Error(message);
      }
      notes.push(message);
      await store.remove(name);
      continue;
    }
    const { record, state } = read.right;
    try {
      expectSameRun(name, record, now, checkpoints);
    } catch (error) {
      donate(state);
      throw error;
    }
    const { recipe, data, isResumable, environment } = now;
    return {
      state,
      record: { ...record, recipe, data, isResumable, environment },
      from: name,
      notes: [...notes, ...differences(record.environment, environment)],
    };
  }
  if (notes.length > 0)
    throw new Error(
      `no checkpoint is whole, so that there is nothing to go on from: ${notes.join('; ')}; they were removed: begin the ` +
        "run anew, without 'resume' (--resume)",
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
