/** Checks of the folder of a run, before anything is read or computed. */
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bestName, checkpointsIn, folderStore } from '../../lib/train/checkpointStore.js';
import { Failure } from '../failure.js';
import { expectRunFolder } from '../outputs.js';
import type { TrainingOptions } from './options.js';

/** Names of the files in a run's folder, besides checkpoints. */
export const runFiles = {
  log: 'log.jsonl',
  weights: 'weights.safetensors',
  best: bestName,
  config: 'config.json',
  classes: 'classes.json',
} as const;

/** Refuses a folder in which something else has the name of a file that the run writes. */
const expectFiles = (out: string): void => {
  for (const name of Object.values(runFiles)) {
    const path = join(out, name);
    const link = lstatSync(path, { throwIfNoEntry: false });
    if (link === undefined || statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    const found = link.isDirectory()
      ? 'a folder'
      : link.isSymbolicLink()
        ? 'a link to no file'
        : 'no plain file';
    throw new Failure(`${path}: found ${found}, expected nothing or a file: the run writes one there`);
  }
};

/** True for the log of a run that saved something. */
const hasSaved = (log: string): boolean =>
  statSync(log, { throwIfNoEntry: false }) !== undefined &&
  /^\{"kind":"saved"/m.test(readFileSync(log, 'utf8'));

/** Refuses a folder with weights or a log that a new run would write over. */
const expectNoRun = (out: string): void => {
  const { weights, best, log } = runFiles;
  const found: string[] = [weights, best].filter((name) =>
    statSync(join(out, name), { throwIfNoEntry: false }),
  );
  if (hasSaved(join(out, log))) found.push(log);
  if (found.length > 0)
    throw new Failure(
      `${out}: found ${found.join(', ')} of another run, whose checkpoints are gone, expected nothing that this run writes over: ` +
        'name another folder by --out, or move them',
    );
};

/**
 * Refuses a folder that cannot be a run's: a file, one without a checkpoint where a run is to go on from it, one with the
 * weights of another run where a run begins. Begun runs with checkpoints are refused by the loop, which holds the lock.
 */
export const expectPlace = async (
  out: string,
  { resume = false, dryRun = false }: Pick<TrainingOptions, 'resume' | 'dryRun'>,
): Promise<void> => {
  expectRunFolder(out);
  if (dryRun) return;
  expectFiles(out);
  const hasCheckpoint = (await checkpointsIn(folderStore(out))).length > 0;
  // A mistyped folder would begin another run.
  if (resume && !hasCheckpoint)
    throw new Failure(
      `${out}: found no checkpoint, expected one to go on from: name the run's folder by --out, or leave --resume out`,
    );
  if (!resume && !hasCheckpoint) expectNoRun(out);
};
