/**
 * Checkpoints of commands: read with a progress bar; errors come with the file's name.
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
import { wholeNumber } from './options.js';
import { withProgress } from './progress.js';

const show =
  (path: string) =>
  (error: CheckpointError): string =>
    error.kind === 'io' || error.kind === 'foreign'
      ? showCheckpointError(error)
      : `${path}: ${showCheckpointError(error)}`;

/** The step that a command asks for. */
export const stepOption = (step: string | undefined): { readonly step?: number } =>
  step === undefined ? {} : { step: wholeNumber('--step', step, 0) };

/** Reads a checkpoint into memory. */
export const readCheckpointFile = (path: string): Promise<Checkpoint> =>
  withProgress(`reading ${path}`, (onProgress) =>
    runOrFail(show(path), readCheckpoint(path, { onProgress })),
  );

/** Opens a checkpoint whose arrays are read when they are needed. */
export const openCheckpointFile = (path: string, options: OpenOptions = {}): Promise<Checkpoint> =>
  withProgress(`checking ${path}`, (onProgress) =>
    runOrFail(show(path), openCheckpoint(path, { ...options, onProgress })),
  );
