/**
 * Checkpoints that a command is given: read with a progress bar; what is wrong with one is said with its name.
 */
import {
  type Checkpoint,
  type CheckpointError,
  readCheckpoint,
  showCheckpointError,
} from '../lib/checkpoint/index.js';
import { runOrFail } from './failure.js';
import { withProgress } from './progress.js';

const show =
  (path: string) =>
  (error: CheckpointError): string =>
    error.kind === 'io' ? showCheckpointError(error) : `${path}: ${showCheckpointError(error)}`;

/** The checkpoint in a file. */
export const readCheckpointFile = (path: string): Promise<Checkpoint> =>
  withProgress(`reading ${path}`, (onProgress) =>
    runOrFail(show(path), readCheckpoint(path, { onProgress })),
  );
