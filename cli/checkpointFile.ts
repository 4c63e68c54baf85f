/**
 * Checkpoints that a command is given: read with a progress bar; what is wrong with one is said with its name.
 */
import {
  type Checkpoint,
  type CheckpointError,
  openCheckpoint,
  type OpenOptions,
  readCheckpoint,
  showCheckpointError,
} from '../lib/checkpoint/index.js';
import { runOrFail } from './failure.js';
import { withProgress } from './progress.js';

const show =
  (path: string) =>
  (error: CheckpointError): string =>
    error.kind === 'io' || error.kind === 'foreign'
      ? showCheckpointError(error)
      : `${path}: ${showCheckpointError(error)}`;

/** The checkpoint in a file, all of it in memory. */
export const readCheckpointFile = (path: string): Promise<Checkpoint> =>
  withProgress(`reading ${path}`, (onProgress) =>
    runOrFail(show(path), readCheckpoint(path, { onProgress })),
  );

/** The checkpoint in a file of which little is read before its arrays are needed. */
export const openCheckpointFile = (path: string, options: OpenOptions = {}): Promise<Checkpoint> =>
  withProgress(`checking ${path}`, (onProgress) =>
    runOrFail(show(path), openCheckpoint(path, { ...options, onProgress })),
  );
