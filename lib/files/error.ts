/**
 * What can be wrong with a checkpoint, as data, and how it is told. Readers stop at the first thing they refuse, by
 * `refuse` inside and an `Either` outside (`attempt`); a tree that does not fit its form reports every leaf.
 */
import { either as E } from 'fp-ts';
import { printable } from './printable.js';

/** A place in a tree that holds something else than it should. */
export interface TreeProblem {
  /** Keys from the root, joined by dots; empty for the root itself. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

export type CheckpointError =
  /** The bytes are not what their format allows; offsets count from the start of the file (npy: of the entry). */
  | { readonly kind: Format; readonly offset: number; readonly problem: string; readonly entry?: string }
  /** A pickle asks for a name that is not on the allow-list. */
  | { readonly kind: 'global'; readonly offset: number; readonly name: string }
  /** What was read is sound, and is not a tree of arrays. */
  | { readonly kind: 'tree'; readonly problems: readonly TreeProblem[] }
  /** The file cannot be read or written. */
  | { readonly kind: 'io'; readonly path: string; readonly problem: string };

/** The formats whose bytes can be at fault. */
export type Format = 'pickle' | 'npy' | 'zip' | 'safetensors' | 'json' | 'torch' | 'msgpack';

/** One message for a person: where, what was found, what was expected. It is fit for a terminal, whatever the file says. */
export const showCheckpointError = (error: CheckpointError): string => printable(told(error));

const told = (error: CheckpointError): string => {
  switch (error.kind) {
    case 'global':
      return (
        `at byte ${error.offset}: the pickle asks for ${error.name}, which is not among the names that JAX, NumPy, ` +
        `Haiku and optax write; nothing was run`
      );
    case 'tree':
      return error.problems.map(showTreeProblem).join('\n');
    case 'io':
      return `${error.path}: ${error.problem}`;
    default: {
      const entry = error.entry === undefined ? '' : ` of entry ${JSON.stringify(shortened(error.entry))}`;
      return `at byte ${error.offset}${entry}: ${error.problem}`;
    }
  }
};

const longestName = 200;

/** A name for a message; an archive can spell 65,535 bytes of one. */
const shortened = (name: string): string =>
  name.length > longestName ? `${name.slice(0, longestName)}…` : name;

const showTreeProblem = ({ path, found, expected }: TreeProblem): string =>
  `${path === '' ? 'at the top' : `at ${path}`}: found ${found}, expected ${expected}`;

/** A problem on its way to the `attempt` around it; whoever reads an array of a file that has changed meets it as an error. */
class Refusal extends Error {
  override readonly name = 'CheckpointError';
  constructor(readonly error: CheckpointError) {
    super(showCheckpointError(error));
  }
}

/** Stops the surrounding `attempt` with an error. */
export const refuse = (error: CheckpointError): never => {
  throw new Refusal(error);
};

/** What was refused, of something thrown; undefined for an error of another kind. */
export const errorOf = (thrown: unknown): CheckpointError | undefined =>
  thrown instanceof Refusal ? thrown.error : undefined;

/** The result of a reader, or what it refused. */
export const attempt = <A>(read: () => A): E.Either<CheckpointError, A> => {
  try {
    return E.right(read());
  } catch (thrown) {
    const refused = errorOf(thrown);
    if (refused) return E.left(refused);
    throw thrown;
  }
};
