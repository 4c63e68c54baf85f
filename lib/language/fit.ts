/**
 * Fitting somebody's parameters to a model: every name and shape is checked against the model's outline, and what fits
 * has the type that `apply` asks for. What does not comes back as data, all of it.
 */
import { either as E } from 'fp-ts';
import type { HostArray, Shape } from '../data/array.js';
import type { Params, State } from '../data/leaf.js';
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

/** Which tree a leaf is of. */
export type Part = 'params' | 'state';

/** A leaf that keeps a checkpoint from fitting. */
export type FitProblem =
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

export interface FitError {
  readonly kind: 'fit';
  readonly problems: readonly FitProblem[];
}

/** What was done with each leaf, by path. */
export interface FitReport {
  /** Taken from the checkpoint. */
  readonly kept: readonly string[];
  /** Made by seed. */
  readonly initialised: readonly string[];
  /** Selected for reinitialisation, in the checkpoint, and not in the model. */
  readonly dropped: readonly string[];
}

/** Parameters and state that a model can be applied to. */
export interface Fitted {
  readonly params: Params<HostArray>;
  readonly state: State<HostArray>;
  readonly report: FitReport;
}

/**
 * For transfer to another task: parameters that are not taken from the checkpoint, whatever it has there, but made by
 * seed as `init(key)` would make them. State is always the checkpoint's.
 */
export type FitOptions =
  | { readonly reinitialise?: undefined; readonly key?: undefined }
  | { readonly reinitialise: Selection; readonly key: Key };

interface Shaped {
  readonly shape: Shape;
}

/** What one tree asks of another. */
const compare = (part: Part, expected: Tree<Shaped>, found: Tree<Shaped>): readonly FitProblem[] => {
  const asked = new Map(flatten(expected));
  const given = new Map(flatten(found));
  const missing = [...asked.keys()].filter((path) => !given.has(path));
  const unexpected = [...given.keys()].filter((path) => !asked.has(path));
  return [
    ...missing.map((path): FitProblem => {
      const { shape } = asked.get(path) as Shaped;
      return { kind: 'missing', part, path, expected: shape, nearest: nearest(path, unexpected) };
    }),
    ...unexpected.map((path): FitProblem => {
      const { shape } = given.get(path) as Shaped;
      return { kind: 'unexpected', part, path, found: shape, nearest: nearest(path, missing) };
    }),
    ...[...asked].flatMap(([path, { shape }]): readonly FitProblem[] => {
      const other = given.get(path);
      if (!other || sameShape(other.shape, shape)) return [];
      return [{ kind: 'misshapen', part, path, found: other.shape, expected: shape }];
    }),
  ];
};

/** Paths that were listed for reinitialisation and that the model does not have. */
const unknown = (selection: Selection | undefined, paths: readonly string[]): readonly FitProblem[] => {
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
 * @returns a function of what `readCheckpoint` gives; problems on the left, all of them
 * @example
 * pipe(await readCheckpoint(file)(), E.chainW(fit(language())));
 * const head = /^classification_decoder\//;
 * fit(imagenetFourier({ numClasses: 10 }), { reinitialise: head, key: key(42) })(checkpoint);
 */
export const fit =
  ({ outline }: { readonly outline: Outline }, { reinitialise, key }: FitOptions = {}) =>
  (checkpoint: {
    readonly params: Tree<HostArray>;
    readonly state?: Tree<HostArray>;
  }): E.Either<FitError, Fitted> => {
    const { params: found, state = {} } = checkpoint;
    const isNew = reinitialise === undefined ? () => false : selects(reinitialise);
    const expected = outline.params;
    const paths = leafPaths(expected);
    const problems = [
      ...unknown(reinitialise, paths),
      ...compare('params', without(expected, isNew), without(found, isNew)),
      ...compare('state', outline.state, state),
    ];
    if (problems.length) return E.left({ kind: 'fit', problems });
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

const showProblem = (problem: FitProblem): string => {
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

const titles: Readonly<Record<FitProblem['kind'], string>> = {
  missing: 'missing from the checkpoint',
  unexpected: 'not in the model',
  misshapen: 'of another shape',
  unknown: 'to be reinitialised, but not in the model',
};

/**
 * What does not fit, as a person reads it.
 * @param most  leaves shown of each kind; the others are counted
 */
export const showFitError = ({ problems }: FitError, most = 10): string =>
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
