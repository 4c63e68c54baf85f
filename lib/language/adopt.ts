/**
 * Adopting weights that somebody else made: every name and shape is checked against the model's outline. Weights that
 * pass have the type that `apply` asks for; otherwise every problem comes back, as data.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type HostArray, type Shape, sizeOf } from '../data/array.js';
import type { Params, State, Weights } from '../data/leaf.js';
import { nearest } from '../data/nearest.js';
import { resizeGrid } from '../data/resizeGrid.js';
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
  /** Positions of the checkpoint's grid, interpolated to the model's. */
  readonly interpolated: readonly string[];
  /** Selected for reinitialisation, in the checkpoint, and not in the model. */
  readonly dropped: readonly string[];
}

/** Weights that a model can be applied to. */
export interface Adopted extends Weights<HostArray> {
  readonly state: State<HostArray>;
  readonly report: AdoptReport;
}

interface Interpolating {
  /**
   * True to interpolate learned positions of the input's grid, bicubically as PyTorch does, where the checkpoint's grid is
   * another one. That grid is a square, or a line; `from` says another one, and `to` the model's where it has no
   * `inputGrid`.
   */
  readonly interpolate?: boolean | { readonly from?: Shape; readonly to?: Shape } | undefined;
}

/**
 * Options for transfer to another task or size. What is selected by `reinitialise` is not taken from the checkpoint, even
 * if it has it, but made by seed as `init(key)` would make it. With `misshapen: 'reinitialise'` so are the parameters that
 * have another shape in the checkpoint, and no others. State is always the checkpoint's.
 */
export type AdoptOptions = Interpolating &
  (
    | { readonly reinitialise?: undefined; readonly misshapen?: undefined; readonly key?: undefined }
    | {
        readonly reinitialise?: Selection | undefined;
        readonly misshapen?: 'reinitialise' | undefined;
        readonly key: Key;
      }
  );

/** A model as `adopt` needs it: a preset's, or `{ outline: outline(layer, inputs) }`. */
interface Adopting {
  readonly outline: Outline;
  /** The grid of the encoder's input, for the interpolation of its positions. */
  readonly inputGrid?: { readonly shape: Shape } | undefined;
}

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

/** A grid of a number of points, of as many dimensions as another: one line, or a square. */
const gridOf = (points: number, like: Shape): Shape | undefined => {
  const side = Math.round(points ** (1 / like.length));
  return side ** like.length === points ? like.map(() => side) : undefined;
};

/** The grids of the positions at a path, in the checkpoint and in the model; undefined for other leaves. */
const gridsOf = (
  { outline, inputGrid }: Adopting,
  path: string,
  found: Shape,
  interpolate: Interpolating['interpolate'],
): readonly [from: Shape, to: Shape] | undefined => {
  const [module] = splitPath(path);
  const { shape: wanted } = at(outline.params, path) as Shaped;
  const given = typeof interpolate === 'object' ? interpolate : {};
  const to = given.to ?? inputGrid?.shape;
  if (!interpolate || !to || outline.kinds[module] !== 'position' || isInEncoder(outline, module))
    return undefined;
  if (found.length !== 2 || wanted.length !== 2 || found[1] !== wanted[1]) return undefined;
  const from = given.from ?? gridOf(found[0], to);
  const isGrid = from?.length === to.length && sizeOf(from) === found[0] && sizeOf(to) === wanted[0];
  return from && isGrid ? [from, to] : undefined;
};

/** True for the encoder's latents, which lie on no grid. */
const isInEncoder = ({ kinds }: Outline, module: string): boolean =>
  Object.entries(kinds).some(([path, kind]) => kind === 'encoder' && module.startsWith(`${path}/`));

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
 * adopt(imagenetLearned({ imageShape: [384, 384, 3] }), { interpolate: true })(checkpoint);
 */
export const adopt =
  (model: Adopting, { reinitialise, misshapen, interpolate, key }: AdoptOptions = {}) =>
  (checkpoint: {
    readonly params: Tree<HostArray>;
    readonly state?: Tree<HostArray>;
  }): E.Either<AdoptError, Adopted> => {
    const { params: found, state = {} } = checkpoint;
    const { outline } = model;
    const expected = outline.params;
    const paths = leafPaths(expected);
    const isSelected = reinitialise === undefined ? () => false : selects(reinitialise);
    const grids = new Map<string, readonly [from: Shape, to: Shape]>();
    const replaced = new Set<string>();
    for (const problem of compare('params', without(expected, isSelected), without(found, isSelected))) {
      if (problem.kind !== 'misshapen') continue;
      const between = gridsOf(model, problem.path, problem.found, interpolate);
      if (between) grids.set(problem.path, between);
      else if (misshapen === 'reinitialise') replaced.add(problem.path);
    }
    const isNew = (path: string): boolean => isSelected(path) || replaced.has(path);
    const isSettled = (path: string): boolean => isNew(path) || grids.has(path);
    const problems = [
      ...unknown(reinitialise, paths),
      ...compare('params', without(expected, isSettled), without(found, isSettled)),
      ...compare('state', outline.state, state),
    ];
    if (problems.length) return E.left({ kind: 'adopt', problems });
    const value = key && initialValue(outline, key);
    const params = inOrder(expected, (path) => {
      if (value && isNew(path)) return value(...splitPath(path));
      const leaf = at(found, path) as HostArray;
      const between = grids.get(path);
      return between ? resizeGrid(leaf, ...between) : leaf;
    });
    const known = new Set(paths);
    return E.right({
      params: params as Params<HostArray>,
      state: inOrder(outline.state, (path) => at(state, path) as HostArray),
      report: {
        kept: paths.filter((path) => !isSettled(path)),
        initialised: paths.filter(isNew),
        interpolated: [...grids.keys()],
        dropped: leafPaths(found).filter((path) => isSelected(path) && !known.has(path)),
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
