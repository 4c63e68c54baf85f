/**
 * From data to exceptions: values and promises for programs that do not use fp-ts. The error thrown has every problem in
 * its text, and the data as its `cause`.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { isRecord } from './nest.js';

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));

/** Fields that say where a problem is, and those that the text names in its own words. */
const places = ['path', 'url', 'entry', 'where'];
const told = [...places, 'kind', 'problem', 'problems', 'found', 'expected', 'nearest'];

/** One error, and the lines of the problems that it holds. */
const lines = (error: unknown): readonly string[] => {
  if (error instanceof Error) return [error.message];
  if (Array.isArray(error)) return error.flatMap(lines);
  if (!isRecord(error)) return [shown(error)];
  const { problems, problem, found, expected, nearest } = error;
  if (Array.isArray(problems) && !('path' in error)) return lines(problems);
  const where = places.flatMap((place) => (error[place] === undefined ? [] : [shown(error[place])]));
  const others = Object.keys(error).filter((name) => !told.includes(name) && error[name] !== undefined);
  const what = [
    ...(problem === undefined && error.kind !== undefined ? [shown(error.kind)] : []),
    ...(problem === undefined ? [] : [shown(problem)]),
    ...(found === undefined ? [] : [`found ${shown(found)}`]),
    ...(expected === undefined ? [] : [`expected ${shown(expected)}`]),
    ...others.map((name) => `${name} ${shown(error[name])}`),
    ...(nearest === undefined ? [] : [`did you mean '${shown(nearest)}'?`]),
  ];
  const own = [...where, what.join(', ')].join(': ');
  return [own, ...lines(problems ?? []).map((line) => `  ${line}`)];
};

const valueOf = <L, A>(either: Either<L, A>, show: (error: L) => string): A => {
  if (either._tag === 'Right') return either.right;
  throw new Error(show(either.left), { cause: either.left });
};

/**
 * The value of a result that may be an error.
 * @param result  an `Either`, or a `TaskEither`, which is started
 * @param show  makes the error's text; a line for each problem if not given
 * @returns the value; for a `TaskEither` a promise of the value
 * @throws Error with every problem; its `cause` is the error as data
 * @example
 * const checkpoint = await orThrow(readCheckpoint('model.npz'));
 * const { params } = orThrow(adopt(model)(checkpoint));
 */
export function orThrow<L, A>(result: Either<L, A>, show?: (error: L) => string): A;
export function orThrow<L, A>(result: TaskEither<L, A>, show?: (error: L) => string): Promise<A>;
export function orThrow<L, A>(
  result: Either<L, A> | TaskEither<L, A>,
  show: (error: L) => string = (error) => lines(error).join('\n'),
): A | Promise<A> {
  return typeof result === 'function'
    ? result().then((either) => valueOf(either, show))
    : valueOf(result, show);
}
