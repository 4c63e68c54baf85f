/**
 * A class of the original as this library has it: which constructor arguments it has, what they become, and how the
 * layer is declared. The tables of classes are in the files beside this one, a family in each.
 */
import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { type ConfigOf, type ConfigProblem, decodeConfig } from '../../lib/data/config.js';
import { module } from '../../lib/language/module.js';
import {
  type Declared,
  definition,
  type Layer,
  type Methods,
  type Module,
  type Scope,
} from '../../lib/language/scope.js';
import {
  type Arguments,
  type HaikuPart,
  originOf,
  type ReadPart,
  renamed,
  takeAll,
  whole,
} from './arguments.js';

/** Declares a module that was an argument of another. */
export type DeclarePart = (s: Scope, part: HaikuPart) => unknown;

/** A class of the original: `K` its kind here, `O` its options, `D` what a declared one can do. */
export interface HaikuClass<K extends string, O extends object, D> {
  readonly kind: K;
  readonly arguments: readonly Arguments[];
  readonly config: t.Type<O, unknown>;
  readonly declare: (s: Scope, options: O, name: string | undefined, declarePart: DeclarePart) => D;
}

/** A constructor's call as it was read: the layer's options, checked and with every default filled in. */
export interface HaikuModuleOf<K extends string, O> {
  readonly kind: K;
  readonly options: O;
  /** The name it was given, where it was given one. */
  readonly name?: string;
  /** Arguments that were given and that the original takes and never reads. */
  readonly ignored: readonly string[];
}

/** The module under another name. */
export const renamedTo = <M extends Methods>(name: string | undefined, layer: Module<M>): Module<M> => {
  if (name === undefined) return layer;
  const { build, ...options } = layer[definition];
  return module(name, build, options);
};

/** A class whose layer is a module made of its options. */
export const haikuClass = <K extends string, C extends t.Any, M extends Methods>(
  kind: K,
  config: C,
  parts: readonly Arguments[],
  make: (options: ConfigOf<C>) => Module<M>,
): HaikuClass<K, ConfigOf<C>, Declared<M>> =>
  haikuClassOfParts(kind, config, parts, (s, options, name) => s.declare(renamedTo(name, make(options))));

/** A class that takes more than its options to declare: arguments that are modules themselves, declared before it. */
export const haikuClassOfParts = <K extends string, C extends t.Any, D, P extends object = object>(
  kind: K,
  config: C,
  parts: readonly Arguments[],
  declare: HaikuClass<K, ConfigOf<C> & P, D>['declare'],
): HaikuClass<K, ConfigOf<C> & P, D> => ({
  kind,
  config: config as t.Type<ConfigOf<C> & P, unknown>,
  arguments: [...parts, nameArgument],
  declare,
});

/** A function of the original: no name, no parameters of its own. */
export const haikuFunction = <K extends string, C extends t.Any, A extends readonly unknown[], B>(
  kind: K,
  config: C,
  parts: readonly Arguments[],
  make: (options: ConfigOf<C>) => Layer<A, B>,
): HaikuClass<K, ConfigOf<C>, (...inputs: A) => B> => ({
  kind,
  config: config as t.Type<ConfigOf<C>, unknown>,
  arguments: parts,
  declare: (s, options) => {
    const layer = make(options);
    return (...inputs) => layer(s, ...inputs);
  },
});

/** The place of `name` among the options until it is taken out. */
const nameOption = '(name)';
const nameArgument = renamed({ name: nameOption });

/** Reads a constructor's arguments; every problem comes back, at the argument's own path. */
export const readClass = <K extends string, O extends object>(
  { kind, arguments: parts, config }: HaikuClass<K, O, unknown>,
  kwargs: unknown,
  readPart: ReadPart,
): E.Either<readonly ConfigProblem[], HaikuModuleOf<K, O>> => {
  const taken = takeAll(parts, kwargs, readPart);
  if (taken.problems[0]?.path === whole) return E.left(taken.problems);
  const { [nameOption]: name, ...given } = taken.options;
  const decoded = decodeConfig(config, given);
  const wrong = E.isLeft(decoded) ? decoded.left : [];
  const problems = [
    ...taken.problems,
    ...wrong.map((problem) => ({ ...problem, path: originOf(taken.origins, problem.path) })),
    ...(isName(name) ? [] : [{ path: 'name', found: name, expected: 'a name' }]),
  ];
  if (E.isLeft(decoded) || !isName(name) || problems.length > 0) return E.left(withoutRepeats(problems));
  const options = { ...decoded.right, ...taken.parts };
  return E.right({ kind, options, ...(name === undefined ? {} : { name }), ignored: taken.ignored });
};

const isName = (name: unknown): name is string | undefined => name === undefined || typeof name === 'string';

/** A missing argument is a problem once, though its class and its layer both say so. */
const withoutRepeats = (problems: readonly ConfigProblem[]): readonly ConfigProblem[] =>
  problems.filter(({ path }, i) => problems.findIndex((other) => other.path === path) === i);
