/**
 * Checkpoints translated between Haiku's names and Hugging Face's, by the tables of the families. No name is left out.
 * Arrays stay views of the same memory; weights are transposed when their elements are asked for.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../../lib/data/array.js';
import {
  type Direction,
  type NamePair,
  type NamesError,
  translateArrays,
  translateNames,
  untranslated,
  wrapperPrefix,
} from '../../lib/checkpoint/index.js';
import { joinPath, type Tree, unflatten } from '../../lib/data/tree.js';
import { type Architecture, architectures, families } from './families.js';

/** Arrays under names: a checkpoint. */
export interface Named {
  readonly params: Tree<HostArray>;
  readonly state?: Tree<HostArray>;
}

/** A checkpoint under other names, and the class of its names in Hugging Face. */
export type Translated<C extends Named> = C & Required<Named> & { readonly architecture: Architecture };

type Arrays = ReadonlyMap<string, HostArray>;

const namesOf = (tree: Tree<HostArray>, nameOf: (module: string, leaf: string) => string) =>
  Object.entries(tree).flatMap(([module, leaves]) =>
    Object.entries(leaves).map(([leaf, array]) => [nameOf(module, leaf), array] as const),
  );

/** Haiku's two trees as one map, under the names of a mapping's left side. */
const haikuArrays = ({ params, state = {} }: Named): Arrays =>
  new Map([
    ...namesOf(params, (module, leaf) => `params/${joinPath(module, leaf)}`),
    ...namesOf(state, (module, leaf) => `state/${joinPath(module, leaf)}`),
  ]);

/** PyTorch's names: `module.leaf`; a leaf of no module is read as a leaf of `~`. */
const dotted = (module: string, leaf: string): string => (module === '~' ? leaf : `${module}.${leaf}`);

/** The arrays of a checkpoint under PyTorch's `state_dict()` names, those of a mapping's right side. */
export const stateDict = ({ params, state = {} }: Named): Arrays =>
  new Map([...namesOf(params, dotted), ...namesOf(state, dotted)]);

/** The arrays without the prefix that DataParallel or torch.compile gives every name. */
const withoutPrefix = (arrays: Arrays): Arrays => {
  const { length } = wrapperPrefix(arrays.keys());
  return new Map(Array.from(arrays, ([name, array]) => [name.slice(length), array]));
};

/** The module and the leaf of a dotted name. */
const split = (name: string): string => {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? joinPath('~', name) : joinPath(name.slice(0, dot), name.slice(dot + 1));
};

const under = (prefix: string, arrays: Arrays): Tree<HostArray> =>
  unflatten(
    [...arrays].flatMap(([name, leaf]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), leaf] as const] : [],
    ),
  );

/** The class with the most of these names. */
const likeliest = (direction: Direction, names: readonly string[]): Architecture => {
  const left = new Map(
    architectures.map((name) => [name, untranslated(families[name].names, direction, names)]),
  );
  return [...architectures].sort((a, b) => Number(left.get(a)) - Number(left.get(b)))[0];
};

/** The class; found by the names if not given. */
export interface TranslateOptions {
  readonly architecture?: Architecture;
}

/** The kinds of names. */
export type Names = 'haiku' | 'huggingFace';

const plan = (to: Names, checkpoint: Named, { architecture }: TranslateOptions) => {
  const direction: Direction = to === 'haiku' ? 'toLeft' : 'toRight';
  const arrays = to === 'haiku' ? withoutPrefix(stateDict(checkpoint)) : haikuArrays(checkpoint);
  const known = architecture ?? likeliest(direction, [...arrays.keys()]);
  return { direction, arrays, architecture: known, mapping: families[known].names };
};

/**
 * Every name of a checkpoint with its new name: the dry run of `toHaikuNames` and `toHuggingFaceNames`. No array is read. Haiku's begin with `params/` or `state/` here.
 */
export const translationPairs =
  (to: Names, options: TranslateOptions = {}) =>
  (checkpoint: Named): E.Either<NamesError, readonly NamePair[]> => {
    const { direction, arrays, mapping } = plan(to, checkpoint, options);
    return translateNames(mapping, direction)(arrays.keys());
  };

/**
 * A checkpoint of Hugging Face's under Haiku's names, as presets have them.
 * @returns on the left, every surplus or missing name for the nearest class
 * @example
 * pipe(
 *   readCheckpoint('language-perceiver/model.safetensors'),
 *   TE.chainEitherKW(toHaikuNames()),
 *   TE.chainEitherKW(adopt(model)),
 * );
 */
export const toHaikuNames =
  (options: TranslateOptions = {}) =>
  <C extends Named>(checkpoint: C): E.Either<NamesError, Translated<C>> => {
    const { direction, arrays, mapping, architecture } = plan('haiku', checkpoint, options);
    return E.map((named: Arrays) => ({
      ...checkpoint,
      params: under('params/', named),
      state: under('state/', named),
      architecture,
    }))(translateArrays(mapping, direction)(arrays));
  };

/**
 * A checkpoint of Haiku's under Hugging Face's names, buffers among the parameters; `stateDict` has them as PyTorch
 * does.
 * @returns on the left, every surplus or missing name for the nearest class; and state that
 * PyTorch has no place for, where it does not follow from what is kept
 */
export const toHuggingFaceNames =
  (options: TranslateOptions = {}) =>
  <C extends Named>(checkpoint: C): E.Either<NamesError, Translated<C>> => {
    const { direction, arrays, mapping, architecture } = plan('huggingFace', checkpoint, options);
    return E.map((named: Arrays) => ({
      ...checkpoint,
      params: unflatten([...named].map(([name, leaf]) => [split(name), leaf] as const)),
      state: {},
      architecture,
    }))(translateArrays(mapping, direction)(arrays));
  };
