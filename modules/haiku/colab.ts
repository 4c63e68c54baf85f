/**
 * Arguments of DeepMind's colabs read as configs: the arguments of a whole model and of its parts.
 */
import { isRecord } from '../../lib/data/nest.js';
import * as E from 'fp-ts/lib/Either.js';
import type { ConfigProblem } from '../../lib/data/config.js';
import { fromHaiku } from './fromHaiku.js';

/** An argument that holds the arguments of a constructor. */
export interface ColabPart {
  /** The class: `perceiver.PerceiverEncoder`. */
  readonly source: string;
  /** The config's field of the part's options. */
  readonly field: string;
  /** Arguments that the colab itself gives to the part. */
  readonly given?: Readonly<Record<string, unknown>>;
  /** Options that follow from other fields of the preset. */
  readonly without?: readonly string[];
}

/** The field of each argument of a colab, or the options of a part. */
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
