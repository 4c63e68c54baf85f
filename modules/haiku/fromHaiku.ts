/**
 * From DeepMind's constructor arguments to layers: `fromHaiku` reads a constructor's call as the original's Python
 * would, `construct` declares the layer that it makes.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { ConfigProblem } from '../../lib/data/config.js';
import type { Scope } from '../../lib/language/scope.js';
import type { HaikuPart } from './arguments.js';
import { arrangementClasses } from './arrangements.js';
import { attentionClasses } from './attention.js';
import { type HaikuClass, type HaikuModuleOf, readClass } from './haikuClass.js';
import { convolutionClasses } from './convolutions.js';
import { netClasses } from './nets.js';
import { normClasses } from './norms.js';
import { perceiverClasses } from './perceiver.js';
import { positionClasses } from './positions.js';
import { processorClasses } from './processors.js';

/** Every class of the original, by the name that Python imports it under. */
const classes = {
  ...attentionClasses,
  ...perceiverClasses,
  ...positionClasses,
  ...processorClasses,
  ...arrangementClasses,
  ...netClasses,
  ...normClasses,
  ...convolutionClasses,
};

type Classes = typeof classes;
type OptionsOf<C> = C extends HaikuClass<string, infer O, unknown> ? O : never;

/** The names that `fromHaiku` knows. */
export type HaikuSource = keyof Classes;

/** A constructor's call as it was read, a variant for each class. */
export type HaikuModule = {
  [S in HaikuSource]: HaikuModuleOf<Classes[S]['kind'], OptionsOf<Classes[S]>>;
}[HaikuSource];

/** A declared module: its call and its methods. */
export type DeclaredHaiku<K extends HaikuModule['kind']> = {
  [S in HaikuSource]: Classes[S] extends HaikuClass<K, infer _, infer D> ? D : never;
}[HaikuSource];

/** All of them. */
export const haikuSources = Object.keys(classes) as readonly HaikuSource[];

const isSource = (source: string): source is HaikuSource => Object.hasOwn(classes, source);

/**
 * Reads a constructor's call.
 *
 * Arguments that are modules themselves are objects with the constructor's name as `class`.
 * @param source  the constructor: `perceiver.PerceiverEncoder`, `io_processors.ImagePreprocessor`, `hk.Linear`
 * @param kwargs  its keyword arguments as JSON has them
 * @returns every problem at the path of its argument; or the options, and which arguments the original never reads
 * @example fromHaiku('perceiver.SelfAttention', { num_heads: 8, widening_factor: 1 })
 */
export const fromHaiku = (
  source: string,
  kwargs: unknown,
): E.Either<readonly ConfigProblem[], HaikuModule> => {
  if (!isSource(source)) {
    return E.left([{ path: '(the class)', found: source, expected: haikuSources.join(', ') }]);
  }
  const read = readClass(classes[source] as HaikuClass<string, object, unknown>, kwargs, fromHaiku);
  return read as E.Either<readonly ConfigProblem[], HaikuModule>;
};

const byKind = new Map<string, HaikuClass<string, object, unknown>>(
  Object.values(classes).map((made) => [made.kind, made as unknown as HaikuClass<string, object, unknown>]),
);

const declarePart = (s: Scope, { kind, options, name }: HaikuPart): unknown =>
  byKind.get(kind)?.declare(s, options, name, declarePart);

/**
 * Declares a module where Python would construct it, after the modules among its arguments.
 * @example const encoder = construct(s, read.right); // for a read.right.kind of 'encoder'
 */
export const construct = <K extends HaikuModule['kind']>(
  s: Scope,
  module: HaikuModule & { readonly kind: K },
): DeclaredHaiku<K> => declarePart(s, module) as DeclaredHaiku<K>;
