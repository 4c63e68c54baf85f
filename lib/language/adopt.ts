/**
 * Adopting weights that somebody else made: every name and shape is checked against the model's outline. Weights that
 * pass have the type that `apply` asks for; otherwise every problem comes back, as data.
 */
import { either as E } from 'fp-ts';
import type { HostArray, Shape } from '../data/array.js';
import type { Params, State, Weights } from '../data/leaf.js';
import { nearest } from '../data/nearest.js';
import { initialValue, type Outline } from './outline.js';
import type { Key } from '../random/index.js';
import { sameShape, showShape } from '../data/shape.js';
import {
  at,
  flatten,
  type Selection,
  selects,
  splitPath,
  type Tree,
  unflatten,
  paths as leafPaths,
} from '../data/tree.js';

/** The tree that a leaf belongs to. */
type Part = 'params' | 'state';

/** A leaf that keeps a model from adopting a checkpoint. */
export type AdoptProblem =
  /** The model has it, the checkpoint does not. */
  | {
      readonly kind: 'missing';
      readonly part: Part;
      readonly path: string;
      readonly expected: Shape;
      readonly nearest?: string;
    }
  /** The checkpoint has it, the model does not. */
  | {
      readonly kind: 'unexpected';
      readonly part: Part;
      readonly path: string;
      readonly found: Shape;
      readonly nearest?: string;
    }
  | {
      readonly kind: 'misshapen';
      readonly part: Part;
      readonly path: string;
      readonly found: Shape;
      readonly expected: Shape;
    }
  /** A path to reinitialise that the model does not have. */
  | { readonly kind: 'unknown'; readonly part: Part; readonly path: string; readonly nearest?: string };

export interface AdoptError {
  readonly kind: 'adopt';
  readonly problems: readonly AdoptProblem[];
}

/** The paths of all leaves, by what was done with them. */
export interface AdoptReport {
  /** Taken from the checkpoint. */
  readonly kept: readonly string[];
  /** Made by seed. */
  readonly initialised: readonly string[];
  /** Selected for reinitialisation, in the checkpoint, and not in the model. */
  readonly dropped: readonly string[];
}

/** Weights that a model can be applied to. */
export interface Adopted extends Weights<HostArray> {
  readonly state: State<HostArray>;
  readonly report: AdoptReport;
}

/**
 * Options for transfer to another task: the selected parameters are not taken from the checkpoint, even if it has them,
 * but made by seed as `init(key)` would make them. State is always the checkpoint's.
 */
export type AdoptOptions =
  | { readonly reinitialise?: undefined; readonly key?: undefined }
  | { readonly reinitialise: Selection; readonly key: Key };

interface Shaped {
  readonly shape: Shape;
}

/** The differences of a found tree from the expected one. */
const compare = (part: Part, expected: Tree<Shaped>, found: Tree<Shaped>): readonly AdoptProblem[] => {
  const asked = new Map(flatten(expected));
  const given = new Map(flatten(found));
  const missing = [...asked.keys()].filter((path) => !given.has(path));
  const unexpected = [...given.keys()].filter((path) => !asked.has(path));
  return [
    ...missing.map((path): AdoptProblem => {
      const { shape } = asked.get(path) as Shaped;
      return { kind: 'missing', part, path, expected: shape, nearest: nearest(path, unexpected) };
    }),
    ...unexpected.map((path): AdoptProblem => {
      const { shape } = given.get(path) as Shaped;
      return { kind: 'unexpected', part, path, found: shape, nearest: nearest(path, missing) };
    }),
    ...[...asked].flatMap(([path, { shape }]): readonly AdoptProblem[] => {
      const other = given.get(path);
      if (!other || sameShape(other.shape, shape)) return [];
      return [{ kind: 'misshapen', part, path, found: other.shape, expected: shape }];
    }),
  ];
};

/** Paths listed for reinitialisation that the model does not have. */
const unknown = (selection: Selection | undefined, paths: readonly string[]): readonly AdoptProblem[] => {
  if (!Array.isArray(selection)) return [];
  const known = new Set(paths);
  return (selection as readonly string[])
    .filter((path) => !known.has(path))
    .map((path) => ({ kind: 'unknown', part: 'params', path, nearest: nearest(path, known) }));
};

const without = <A>(tree: Tree<A>, left: (path: string) => boolean): Tree<A> =>
  unflatten(flatten(tree).filter(([path]) => !left(path)));

/** The leaves of `found` in the order of `expected`. */
const inOrder = (expected: Tree<unknown>, leaf: (path: string) => HostArray): Tree<HostArray> =>
  unflatten(flatten(expected).map(([path]) => [path, leaf(path)] as const));

/**
 * Checks a checkpoint against a model and gives parameters that the model can be applied to. Leaves keep the
 * checkpoint's element type, and its memory.
 * @param model  a preset, or `{ outline: outline(layer, inputs) }`
 * @returns a function of the checkpoint that `readCheckpoint` gives; on the left, every problem
 * @example
 * pipe(await readCheckpoint(file)(), E.chainW(adopt(language())));
 * const head = /^classification_decoder\//;
 * adopt(imagenetFourier({ numClasses: 10 }), { reinitialise: head, key: key(42) })(checkpoint);
 */
export const adopt =
  ({ outline }: { readonly outline: Outline }, { reinitialise, key }: AdoptOptions = {}) =>
  (checkpoint: {
    readonly params: Tree<HostArray>;
    readonly state?: Tree<HostArray>;
  }): E.Either<AdoptError, Adopted> => {
    const { params: found, state = {} } = checkpoint;
    const isNew = reinitialise === undefined ? () => false : selects(reinitialise);
    const expected = outline.params;
    const paths = leafPaths(expected);
    const problems = [
      ...unknown(reinitialise, paths),
      ...compare('params', without(expected, isNew), without(found, isNew)),
      ...compare('state', outline.state, state),
    ];
    if (problems.length) return E.left({ kind: 'adopt', problems });
    const value = key && initialValue(outline, key);
    const params = inOrder(expected, (path) =>
      value && isNew(path) ? value(...splitPath(path)) : (at(found, path) as HostArray),
    );
    const known = new Set(paths);
    return E.right({
      params: params as Params<HostArray>,
      state: inOrder(outline.state, (path) => at(state, path) as HostArray),
      report: {
        kept: paths.filter((path) => !isNew(path)),
        initialised: paths.filter(isNew),
        dropped: leafPaths(found).filter((path) => isNew(path) && !known.has(path)),
      },
    });
  };

const suggestion = ({ nearest: name }: { readonly nearest?: string }): string =>
  name === undefined ? '' : `; is it ${name}?`;

const showProblem = (problem: AdoptProblem): string => {
  switch (problem.kind) {
    case 'missing':
      return `${problem.path} ${showShape(problem.expected)}${suggestion(problem)}`;
    case 'unexpected':
      return `${problem.path} ${showShape(problem.found)}${suggestion(problem)}`;
    case 'misshapen':
      return `${problem.path}: found ${showShape(problem.found)}, expected ${showShape(problem.expected)}`;
    case 'unknown':
      return `${problem.path}${suggestion(problem)}`;
  }
};

const titles: Readonly<Record<AdoptProblem['kind'], string>> = {
  missing: 'missing from the checkpoint',
  unexpected: 'not in the model',
  misshapen: 'of another shape',
  unknown: 'to be reinitialised, but not in the model',
};

/**
 * The problems of a checkpoint as text, sorted by their kind.
 * @param most  the largest number of leaves listed for each kind; the rest are counted
 */
export const showAdoptError = ({ problems }: AdoptError, most = 10): string =>
  Object.entries(titles)
    .flatMap(([kind, title]) => {
      const found = problems.filter((problem) => problem.kind === kind);
      if (!found.length) return [];
      const more = found.length > most ? [`  … and ${found.length - most} more`] : [];
      return [
        `${found.length} ${title}:`,
        ...found.slice(0, most).map((p) => `  ${showProblem(p)}`),
        ...more,
      ];
    })
    .join('\n');
