/** Files of either side, as tests read them: what is wrong with one is an error with its reason. */
import * as E from 'fp-ts/lib/Either.js';
import { type Checkpoint, readCheckpoint, showCheckpointError } from '../../lib/checkpoint/index.js';

/** The right side. @throws Error that says what the left is */
export const rightOf =
  <L>(show: (left: L) => string) =>
  <A>(result: E.Either<L, A>): A => {
    if (E.isLeft(result)) throw new Error(show(result.left));
    return result.right;
  };

/** The checkpoint in a file. */
export const checkpointIn = async (path: string): Promise<Checkpoint> =>
  rightOf(showCheckpointError)(await readCheckpoint(path)());
