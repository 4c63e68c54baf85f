/**
 * Errors of checkpoints, as data. A reader stops at the first thing that it refuses; a tree that does not fit its form
 * reports every leaf.
 */
import { errorsOf, type FileError, type FormatError, showFileError } from '../files/error.js';
import { printable } from '../data/printable.js';

/** A place in a tree that holds something else than it should. */
export interface TreeProblem {
  /** Keys from the root, joined by dots; empty for the root itself. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

/** The formats whose bytes can be at fault. */
export type Format = 'pickle' | 'npy' | 'zip' | 'safetensors' | 'json' | 'torch' | 'msgpack' | 'orbax';

export type CheckpointError =
  | FileError
  | FormatError<Format>
  /** A pickle asks for code that acts on a machine. */
  | { readonly kind: 'global'; readonly offset: number; readonly name: string }
  /** The file is no checkpoint: a pointer, a page, an archive, a picture. */
  | { readonly kind: 'foreign'; readonly found: string; readonly advice: string; readonly path?: string }
  /** The file is sound, and is not a tree of arrays. */
  | { readonly kind: 'tree'; readonly problems: readonly TreeProblem[] };

/** One message for a person, fit for a terminal whatever the file says: where, found, expected. */
export const showCheckpointError = (error: CheckpointError): string => {
  switch (error.kind) {
    case 'global':
      return printable(
        `at byte ${error.offset}: the pickle asks for ${error.name}, which acts on a machine and is no part of a ` +
          `checkpoint; nothing was run`,
      );
    case 'foreign':
      return printable(`${error.path === undefined ? '' : `${error.path}: `}${error.found}; ${error.advice}`);
    case 'tree':
      return printable(error.problems.map(showTreeProblem).join('\n'));
    default:
      return showFileError(error);
  }
};

const showTreeProblem = ({ path, found, expected }: TreeProblem): string =>
  `${path === '' ? 'at the top' : `at ${path}`}: found ${found}, expected ${expected}`;

const errors = /* @__PURE__ */ errorsOf<CheckpointError>(showCheckpointError);

/** Throws an error, for the `attempt` around it. */
export const refuse: (error: CheckpointError) => never = errors.refuse;

/** The result of a reader, or the error that it refused with; other errors are thrown on. */
export const { attempt } = errors;
