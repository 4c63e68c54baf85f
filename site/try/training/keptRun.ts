/**
 * The run that a store keeps from visit to visit: its settings, its checkpoints, the log up to them, and drawings.
 */
import * as E from 'fp-ts/lib/Either.js';
import { parseCheckpoint } from '../../../lib/checkpoint/checkpoint.js';
import type { Weights } from '../../../lib/data/leaf.js';
import { orThrow } from '../../../lib/data/orThrow.js';
import { adopt, showAdoptError } from '../../../lib/language/adopt.js';
import { checkpointsIn, type CheckpointStore } from '../../../lib/train/checkpointStore.js';
import { linesUpTo } from '../../../lib/train/log.js';
import type { Backend } from '../../../lib/engine/index.js';
import { digits } from '../../../presets/digits/preset.js';
import type { Drawing, KeptRun, Settings } from './messages.js';

const files = { run: 'run.json', log: 'log.jsonl', drawings: 'drawings.json' };

interface Run {
  readonly settings: Settings;
  /** The backend that the run began on: going on with it gives the bits of a run without a break. */
  readonly backend?: Backend;
  readonly isStopped: boolean;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const readText = async (store: CheckpointStore, name: string): Promise<string | undefined> =>
  (await store.list()).includes(name) ? new TextDecoder().decode(await store.read(name)) : undefined;

const readJson = async <A>(store: CheckpointStore, name: string): Promise<A | undefined> => {
  const json = await readText(store, name);
  return json === undefined ? undefined : (JSON.parse(json) as A);
};

/** Keeps the settings of a run that begins, or of one that was stopped. */
export const keepRun = (store: CheckpointStore, run: Run): Promise<void> =>
  store.write(files.run, text(JSON.stringify(run)));

/** Removes a run, its checkpoints first: settings without a checkpoint are no run. */
export const removeRun = async (store: CheckpointStore): Promise<void> => {
  for (const name of [...(await checkpointsIn(store)), files.log, files.run]) await store.remove(name);
};

/** The store of a run whose log is kept with each checkpoint. @param lines  the log's lines so far */
export const withLog = (store: CheckpointStore, lines: () => readonly string[]): CheckpointStore => ({
  ...store,
  write: async (name, bytes) => {
    // Before the checkpoint: lines beyond it are cut, lines that lack are lost.
    await store.write(files.log, text(lines().join('')));
    await store.write(name, bytes);
  },
});

/** The log of the kept run up to a step. */
export const keptLog = async (store: CheckpointStore, step: number): Promise<string> =>
  linesUpTo((await readText(store, files.log)) ?? '', step);

/** The backend of a kept run that has not ended. */
export const keptBackend = async (store: CheckpointStore): Promise<Backend | undefined> => {
  const kept = await readJson<Run>(store, files.run);
  return kept && !kept.isStopped ? kept.backend : undefined;
};

/** The kept run and its weights; undefined where none was saved. */
export const keptRun = async (
  store: CheckpointStore,
): Promise<{ readonly run: KeptRun; readonly weights: Weights } | undefined> => {
  const kept = await readJson<Run>(store, files.run);
  if (!kept) return undefined;
  for (const name of await checkpointsIn(store)) {
    const checkpoint = parseCheckpoint(await store.read(name));
    if (E.isLeft(checkpoint)) continue; // damaged: the one before it is whole
    const weights = orThrow(adopt(digits())(checkpoint.right), showAdoptError);
    const step = Number(/\d+/.exec(name)?.[0]);
    const { settings, isStopped } = kept;
    const isEnded = isStopped || step >= settings.numSteps;
    return { run: { settings, step, isEnded, log: await keptLog(store, step) }, weights };
  }
  return undefined;
};

/** Keeps a visitor's drawings. */
export const keepDrawings = (store: CheckpointStore, drawings: readonly Drawing[]): Promise<void> =>
  store.write(files.drawings, text(JSON.stringify(drawings)));

export const keptDrawings = async (store: CheckpointStore): Promise<readonly Drawing[]> =>
  (await readJson<readonly Drawing[]>(store, files.drawings)) ?? [];
