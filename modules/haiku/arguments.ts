/**
 * Rules that turn a Python constructor's arguments into a layer's options: some are renamed, some are read together, some
 * are never read by the original. The tables of classes are made of these rules; this file knows no class.
 */
import { isRecord } from '../../lib/data/nest.js';
import * as E from 'fp-ts/lib/Either.js';
import type { ConfigProblem } from '../../lib/data/config.js';

/** A constructor's keyword arguments as JSON has them; null is Python's None, which is also the default it stands for. */
export type Kwargs = Readonly<Record<string, unknown>>;

/** The result of reading some arguments. */
export interface Taken {
  readonly options: Readonly<Record<string, unknown>>;
  /** The argument that each option came from, both as paths: `position.numBands`, `fourier_….num_bands`. */
  readonly origins: Readonly<Record<string, string>>;
  readonly problems: readonly ConfigProblem[];
  /** Arguments that were given and that the original never reads. */
  readonly ignored: readonly string[];
  /** Options that are other modules, or records of them. */
  readonly parts: Readonly<Record<string, HaikuPart | Readonly<Record<string, HaikuPart>>>>;
}

/** Another constructor's call, as it was read: one of the arguments. */
export interface HaikuPart {
  readonly kind: string;
  readonly options: object;
  readonly name?: string;
  readonly ignored: readonly string[];
}

/** Reads another constructor's call. */
export type ReadPart = (source: string, kwargs: unknown) => E.Either<readonly ConfigProblem[], HaikuPart>;

/** A rule: the names of the arguments that it reads, and the reading. */
export interface Arguments {
  readonly names: readonly string[];
  readonly take: (given: Kwargs, readPart: ReadPart) => Taken;
}

/** Nothing was given. */
export const nothing: Taken = { options: {}, origins: {}, problems: [], ignored: [], parts: {} };

/** True for an argument with a value. */
export const isGiven = (given: Kwargs, name: string): boolean =>
  Object.hasOwn(given, name) && given[name] !== null && given[name] !== undefined;

/** The results of several parts as one. */
export const join = (parts: readonly Taken[]): Taken => ({
  options: Object.assign({}, ...parts.map((part) => part.options)) as Taken['options'],
  origins: Object.assign({}, ...parts.map((part) => part.origins)) as Taken['origins'],
  problems: parts.flatMap((part) => part.problems),
  ignored: parts.flatMap((part) => part.ignored),
  parts: Object.assign({}, ...parts.map((part) => part.parts)) as Taken['parts'],
});

/** Arguments under another name here; the layer's own config checks their values. */
export const renamed = (names: Readonly<Record<string, string>>): Arguments => ({
  names: Object.keys(names),
  take: (given) => {
    const used = Object.entries(names).filter(([python]) => isGiven(given, python));
    return {
      ...nothing,
      options: Object.fromEntries(used.map(([python, option]) => [option, given[python]])),
      origins: Object.fromEntries(Object.entries(names).map(([python, option]) => [option, python])),
    };
  },
});

/** Arguments that Python insists on, though the layer's config may have a default for them. */
export const insisted = ({ names, take }: Arguments): Arguments => ({
  names,
  take: (given, readPart) => {
    const taken = take(given, readPart);
    const missing = names.filter((python) => !isGiven(given, python));
    const problems = missing.map((path) => ({ path, found: undefined, expected: 'a value' }));
    return { ...taken, problems: [...problems, ...taken.problems] };
  },
});

/** Arguments that the original takes and never reads. */
export const unread = (...names: readonly string[]): Arguments => ({
  names,
  take: (given) => ({ ...nothing, ignored: names.filter((name) => isGiven(given, name)) }),
});

/** Arguments that have one value here, since the layers know no other; Python insists on those in `demands`. */
export const only = (values: Kwargs, demands: readonly string[] = []): Arguments => ({
  names: Object.keys(values),
  take: (given) => ({
    ...nothing,
    problems: Object.entries(values).flatMap(([path, value]) => {
      const found = given[path];
      const isRight = isGiven(given, path)
        ? JSON.stringify(found) === JSON.stringify(value)
        : !demands.includes(path);
      return isRight ? [] : [{ path, found, expected: JSON.stringify(value) }];
    }),
  }),
});

/** Initialisers are functions in Python and no JSON; only the default ones can be asked for. */
export const byDefault = (...names: readonly string[]): Arguments =>
  only(Object.fromEntries(names.map((name) => [name, null])));

/** An argument whose value is converted; `read` gives the value, or the expectation that it fails. */
export const worked = (
  python: string,
  option: string,
  read: (value: unknown) => E.Either<string, unknown>,
): Arguments => ({
  names: [python],
  take: (given) => {
    const origins = { [option]: python };
    if (!isGiven(given, python)) return { ...nothing, origins };
    const value = read(given[python]);
    return E.isRight(value)
      ? { ...nothing, origins, options: { [option]: value.right } }
      : { ...nothing, problems: [{ path: python, found: given[python], expected: value.left }] };
  },
});

/** A list for all four axes of images, `[1, rows, columns, 1]`: rows and columns count. A number is both of them. */
export const onAxes = (python: string, option: string): Arguments =>
  worked(python, option, (sizes) => {
    if (!Array.isArray(sizes)) return E.right(sizes);
    const isOnImages = sizes.length === 4 && sizes[0] === 1 && sizes[3] === 1;
    return isOnImages ? E.right(sizes.slice(1, 3)) : E.left('[1, rows, columns, 1]');
  });

/** The path of a value inside an argument. */
export const prefixed = (prefix: string, path: string): string => `${prefix}.${path}`;

/** A dictionary of arguments that belong to another constructor. */
export const bag = (name: string, parts: readonly Arguments[]): Arguments => ({
  names: [name],
  take: (given, readPart) => {
    if (!isGiven(given, name)) return nothing;
    const taken = takeAll(parts, given[name], readPart);
    return {
      ...taken,
      origins: Object.fromEntries(
        Object.entries(taken.origins).map(([option, python]) => [option, prefixed(name, python)]),
      ),
      problems: under(name, taken.problems),
      ignored: taken.ignored.map((python) => prefixed(name, python)),
    };
  },
});

/** The path of a problem with the whole. */
export const whole = '(the whole)';

/** Problems inside one argument, at their paths in the constructor's call. */
export const under = (name: string, problems: readonly ConfigProblem[]): readonly ConfigProblem[] =>
  problems.map((problem) => ({
    ...problem,
    path: problem.path === whole ? name : prefixed(name, problem.path),
  }));

/** Reads all parts of a constructor, with a problem for every argument that none of them knows. */
export const takeAll = (parts: readonly Arguments[], kwargs: unknown, readPart: ReadPart): Taken => {
  if (!isRecord(kwargs)) {
    return { ...nothing, problems: [{ path: whole, found: kwargs, expected: 'an object of arguments' }] };
  }
  const known = parts.flatMap((part) => part.names);
  const problems = Object.keys(kwargs)
    .filter((name) => !known.includes(name))
    .map((path) => ({
      path,
      found: kwargs[path],
      expected: `one of the arguments (${known.join(', ')})`,
    }));
  const taken = join(parts.map((part) => part.take(kwargs, readPart)));
  return { ...taken, problems: [...problems, ...taken.problems] };
};

/** The path of the argument that an option's path came from. */
export const originOf = (origins: Taken['origins'], path: string): string => {
  const option = Object.keys(origins)
    .filter((known) => path === known || path.startsWith(`${known}.`))
    .sort((a, b) => b.length - a.length)[0];
  return option === undefined ? path : origins[option] + path.slice(option.length);
};
