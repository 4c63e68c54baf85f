/**
 * A checkpoint: parameters, state, and whatever else was saved beside them. Its format is told by its bytes here; what
 * the bytes of each format say is other files' matter.
 */
import type { either as E } from 'fp-ts';
import type { HostArray } from '../array.js';
import type { Tree } from '../tree.js';
import type { CheckpointError } from './error.js';
import { attempt, refuse } from './error.js';
import { treesOfNames } from './namedCheckpoint.js';
import { isNpy } from './npy.js';
import { readNpz } from './npz.js';
import { atSlashOrDot } from './npzTree.js';
import { readPickle } from './pickle.js';
import { savedInValue } from './pickleCheckpoint.js';
import type { PickleValue } from './pickleValue.js';
import { isSafetensors, readSafetensors } from './safetensors.js';
import { type Source, sourceOf } from './source.js';
import { isZip } from './unzip.js';
import { refuseTree } from './valueTree.js';

/** The formats that checkpoints are read from. */
export type CheckpointFormat = 'pickle' | 'npz' | 'safetensors';

export interface Checkpoint {
  readonly format: CheckpointFormat;
  readonly params: Tree<HostArray>;
  /** Empty where the model has none. */
  readonly state: Tree<HostArray>;
  /** What else the file holds (optimizer state, step, random key), as data. */
  readonly rest: ReadonlyMap<string, PickleValue>;
  /** Texts about the file, which safetensors has: where it is from, the config of its model. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The checkpoint in the bytes of a `.pickle`, `.pystate`, `.npz` or `.safetensors` file, told apart by their contents.
 *
 * Known forms: a mapping of modules; `{params, state, …}`; jaxline's `{experiment_module: {params, state, …}, …}`; in
 * formats of named arrays, `module/leaf`, or `params/module/leaf` and `state/module/leaf`; in safetensors PyTorch's
 * `module.leaf` too. Arrays are views of the bytes, which must not be changed afterwards.
 */
export const parseCheckpoint = (bytes: Uint8Array): E.Either<CheckpointError, Checkpoint> =>
  attempt(() => readSource(sourceOf(bytes)));

const longestStart = 16;

/** `parseCheckpoint` for the inside of an `attempt`; of what is not in memory, as little is read as can be. */
export const readSource = (source: Source): Checkpoint => {
  const start = source.read(0, Math.min(longestStart, source.length));
  if (isSafetensors(start)) return ofSafetensors(source);
  if (isZip(start)) return ofNpz(source);
  if (isNpy(start))
    refuseTree([{ path: '', found: 'a single array (.npy)', expected: 'a mapping of modules' }]);
  if (start[0] === 0x1f && start[1] === 0x8b) {
    refuse({ kind: 'pickle', offset: 0, problem: 'compressed by gzip; unpack it first' });
  }
  return { format: 'pickle', ...savedInValue(readPickle(source)), metadata: {} };
};

const ofNpz = (source: Source): Checkpoint => ({
  format: 'npz',
  ...treesOfNames(readNpz(source)),
  rest: new Map(),
  metadata: {},
});

const ofSafetensors = (source: Source): Checkpoint => {
  const { arrays, metadata } = readSafetensors(source);
  return { format: 'safetensors', ...treesOfNames(arrays, atSlashOrDot), rest: new Map(), metadata };
};
