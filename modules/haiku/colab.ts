/**
 * DeepMind's colabs as configs: the arguments of a whole model, which are those of its parts and a few of its own.
 */
import { isRecord } from '../../lib/data/nest.js';
import { either as E } from 'fp-ts';
import type { ConfigProblem } from '../../lib/data/config.js';
import { fromHaiku } from './fromHaiku.js';

/** The constructor's call that an argument holds. */
export interface ColabPart {
  /** The class: `perceiver.PerceiverEncoder`. */
  readonly source: string;
  /** The config's field that its options become. */
  readonly field: string;
  /** Arguments that the colab itself gives it. */
  readonly given?: Readonly<Record<string, unknown>>;
  /** Options that the preset works out itself. */
  readonly without?: readonly string[];
}

/** What each argument of a colab becomes: a field of the config, or the options of a part. */
export type ColabArguments = Readonly<Record<string, string | ColabPart>>;

const readPart = (name: string, { source, field, given, without = [] }: ColabPart, kwargs: unknown) => {
  if (!isRecord(kwargs))
    return E.left([{ path: name, found: kwargs, expected: `the arguments of ${source}` }]);
  const under = (problems: readonly ConfigProblem[]) =>
    problems.map((problem) => ({ ...problem, path: `${name}.${problem.path}` }));
  const options = E.bimap(under, ({ options }: { options: object }) => [
    [
      field,
      Object.fromEntries(Object.entries(options).filter(([option]) => !without.includes(option))),
    ] as const,
  ]);
  return options(fromHaiku(source, { ...given, ...kwargs }));
};

/** Reads a colab's arguments as changes to a published config; every problem comes back. */
export const readColab =
  (names: ColabArguments) =>
  (kwargs: unknown): E.Either<readonly ConfigProblem[], Readonly<Record<string, unknown>>> => {
    if (!isRecord(kwargs))
      return E.left([{ path: '(the whole)', found: kwargs, expected: 'an object of arguments' }]);
    const read = Object.entries(kwargs).map(([name, value]) => {
      if (!Object.hasOwn(names, name)) {
        return E.left([
          {
            path: name,
            found: value,
            expected: `one of the arguments (${Object.keys(names).join(', ')})`,
          },
        ]);
      }
      const to = names[name];
      return typeof to === 'string' ? E.right([[to, value] as const]) : readPart(name, to, value);
    });
    const problems = read.flatMap((one) => (E.isLeft(one) ? one.left : []));
    const entries = read.flatMap((one) => (E.isRight(one) ? one.right : []));
    return problems.length ? E.left(problems) : E.right(Object.fromEntries(entries));
  };
