/**
 * Failures of a command, each one message.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** Ends a command with a message for a person and exit status 1. */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  /** The exit status of the command. */
  readonly status: number = 1;
}

/** A command that was used wrongly: arguments and options that no run can take. Its exit status is 2. */
export class UsageError extends Failure {
  override readonly name = 'UsageError';
  override readonly status = 2;
}

/** The right side; a left is thrown as a failure. */
export const orFail =
  <L>(show: (left: L) => string) =>
  <A>(result: E.Either<L, A>): A => {
    if (E.isLeft(result)) throw new Failure(show(result.left));
    return result.right;
  };

/** Runs a task; a left is thrown as a failure. */
export const runOrFail = async <L, A>(show: (left: L) => string, task: TaskEither<L, A>): Promise<A> =>
  orFail(show)(await task());
