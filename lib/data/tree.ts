/**
 * Trees: the form of parameters, state and gradients. A tree has two levels, as in Haiku: module path, then leaf name;
 * a leaf's path is `module/leaf`. Both levels are plain records, in the order in which modules first asked for leaves.
 *
 * This file holds functions of trees with leaves of any type; those of arrays are in `treeArrays.ts`, fp-ts's
 * instances in `treeInstances.ts`. A function of a tree and others also works without the tree, for `pipe`. No name is
 * special: a module may be called `constructor` or `__proto__`.
 */

export type Tree<A> = { readonly [module: string]: { readonly [leaf: string]: A } };

/** A leaf with its path, `module/leaf`. */
export type Entry<A> = readonly [path: string, leaf: A];

/** A choice of leaves by path: a test, a regular expression, or a list of paths. */
export type Selection = ((path: string) => boolean) | RegExp | readonly string[];

const isListOfPaths = (selection: unknown): boolean =>
  Array.isArray(selection) && selection.every((path) => typeof path === 'string');

/** A leaf's path. */
export const joinPath = (module: string, leaf: string): string => `${module}/${leaf}`;

/**
 * A leaf's module and name: what stands after the last slash is the name.
 * @throws Error when there is no slash
 */
export const splitPath = (path: string): readonly [module: string, leaf: string] => {
  const slash = path.lastIndexOf('/');
  if (slash < 0) throw new Error(`'${path}' is no leaf's path: expected 'module/leaf'`);
  return [path.slice(0, slash), path.slice(slash + 1)];
};

/**
 * The test of a selection.
 * @param where  the function and the argument that it was given as, for the error
 * @throws TypeError for anything else, such as a text
 */
export const selects = (
  selection: Selection,
  where = 'a selection of leaves',
): ((path: string) => boolean) => {
  if (typeof selection === 'function') return selection;
  if (!(selection instanceof RegExp) && !isListOfPaths(selection)) {
    const given: unknown = selection;
    throw new TypeError(
      `${where}: found ${typeof given === 'string' ? `the text '${given}'` : `a value of type ${typeof given}`}, expected a selection of ` +
        `leaves: a list of paths, ['${typeof given === 'string' ? given : 'module/leaf'}'], a regular expression or a function of a path`,
    );
  }
  // `search`, unlike `test`, keeps no position in expressions with the flag `g`.
  if (selection instanceof RegExp) return (path) => path.search(selection) >= 0;
  const listed = new Set(selection);
  return (path) => listed.has(path);
};

/** A function of a tree that also works data-last: without the tree it gives a function of a tree, for `pipe`. */
export const dataLast =
  (arity: number, f: (...all: never[]) => unknown) =>
  (...given: unknown[]): unknown =>
    given.length >= arity ? f(...(given as never[])) : (tree: unknown) => f(...([tree, ...given] as never[]));

/** The form of `mapWithPath`: data-first, or data-last. */
interface MapWithPath {
  <A, B>(tree: Tree<A>, f: (path: string, leaf: A) => B): Tree<B>;
  <A, B>(f: (path: string, leaf: A) => B): (tree: Tree<A>) => Tree<B>;
}

/** The tree with `f` of every leaf and its path. Modules without leaves stay. */
export const mapWithPath = dataLast(2, <A, B>(tree: Tree<A>, f: (path: string, leaf: A) => B): Tree<B> =>
  Object.fromEntries(
    Object.entries(tree).map(([module, leaves]) => [
      module,
      Object.fromEntries(
        Object.entries(leaves).map(([name, leaf]) => [name, f(joinPath(module, name), leaf)]),
      ),
    ]),
  ),
) as MapWithPath;

interface MapLeaves {
  <A, B>(tree: Tree<A>, f: (leaf: A) => B): Tree<B>;
  <A, B>(f: (leaf: A) => B): (tree: Tree<A>) => Tree<B>;
}

/**
 * The tree with `f` of every leaf.
 * @example pipe(params, tree.map((leaf) => leaf.shape))
 */
export const map = dataLast(2, <A, B>(tree: Tree<A>, f: (leaf: A) => B): Tree<B> =>
  mapWithPath(tree, (_path: string, leaf: A) => f(leaf)),
) as MapLeaves;

/** Every leaf with its path, in order. */
export const flatten = <A>(tree: Tree<A>): readonly Entry<A>[] =>
  Object.entries(tree).flatMap(([module, leaves]) =>
    Object.entries(leaves).map(([name, leaf]): Entry<A> => [joinPath(module, name), leaf]),
  );

/**
 * The tree of leaves with their paths; a module stands where its first leaf does.
 * @throws Error for a path without a slash, or one that comes twice
 */
export const unflatten = <A>(entries: Iterable<Entry<A>>): Tree<A> => {
  const modules = new Map<string, Map<string, A>>();
  for (const [path, leaf] of entries) {
    const [module, name] = splitPath(path);
    const leaves = modules.get(module) ?? new Map<string, A>();
    if (leaves.has(name)) throw new Error(`'${path}' comes twice`);
    modules.set(module, leaves.set(name, leaf));
  }
  return Object.fromEntries([...modules].map(([module, leaves]) => [module, Object.fromEntries(leaves)]));
};

/** The paths of all leaves, in order. */
export const paths = (tree: Tree<unknown>): readonly string[] => flatten(tree).map(([path]) => path);

interface At {
  <A>(tree: Tree<A>, path: string): A | undefined;
  (path: string): <A>(tree: Tree<A>) => A | undefined;
}

/** The leaf at a path, if there is one. */
export const at = dataLast(2, <A>(tree: Tree<A>, path: string): A | undefined => {
  const [module, name] = splitPath(path);
  return Object.hasOwn(tree, module) && Object.hasOwn(tree[module], name) ? tree[module][name] : undefined;
}) as At;

interface FoldWithPath {
  <A, B>(tree: Tree<A>, initial: B, f: (path: string, sum: B, leaf: A) => B): B;
  <A, B>(initial: B, f: (path: string, sum: B, leaf: A) => B): (tree: Tree<A>) => B;
}

/** Goes through the leaves and their paths in order with a running result. */
export const foldWithPath = dataLast(
  3,
  <A, B>(tree: Tree<A>, initial: B, f: (path: string, sum: B, leaf: A) => B): B =>
    flatten(tree).reduce((sum, [path, leaf]) => f(path, sum, leaf), initial),
) as FoldWithPath;

interface Fold {
  <A, B>(tree: Tree<A>, initial: B, f: (sum: B, leaf: A) => B): B;
  <A, B>(initial: B, f: (sum: B, leaf: A) => B): (tree: Tree<A>) => B;
}

/** Goes through the leaves in order with a running result. */
export const fold = dataLast(3, <A, B>(tree: Tree<A>, initial: B, f: (sum: B, leaf: A) => B): B =>
  foldWithPath(tree, initial, (_path: string, sum: B, leaf: A) => f(sum, leaf)),
) as Fold;

interface Partition {
  <A>(tree: Tree<A>, selection: Selection): readonly [selected: Tree<A>, others: Tree<A>];
  (selection: Selection): <A>(tree: Tree<A>) => readonly [selected: Tree<A>, others: Tree<A>];
}

/**
 * The leaves of a selection, and the others. Modules left without leaves are left out.
 * @example const [head, body] = partition(params, /^classification_decoder\//);
 */
export const partition = dataLast(2, <A>(tree: Tree<A>, selection: Selection) => {
  const isSelected = selects(selection);
  const entries = flatten(tree);
  return [
    unflatten(entries.filter(([path]) => isSelected(path))),
    unflatten(entries.filter(([path]) => !isSelected(path))),
  ];
}) as Partition;

interface Filter {
  <A>(tree: Tree<A>, selection: Selection): Tree<A>;
  (selection: Selection): <A>(tree: Tree<A>) => Tree<A>;
}

/** The leaves of a selection. */
export const filter = dataLast(
  2,
  <A>(tree: Tree<A>, selection: Selection): Tree<A> => partition(tree, selection)[0],
) as Filter;

const list = (what: string, found: readonly string[]): readonly string[] =>
  found.length ? [`${what}: ${found.join(', ')}`] : [];

interface Merge {
  <A, B = A>(first: Tree<A>, second: Tree<B>, options?: { readonly override?: boolean }): Tree<A | B>;
  <B>(second: Tree<B>): <A>(first: Tree<A>) => Tree<A | B>;
}

/**
 * Two trees as one.
 * @param options  `override`: leaves of `second` replace those of `first`; if not given, a path in both is an error
 * @throws Error with every path that both have
 */
export const merge = dataLast(
  2,
  <A, B>(
    first: Tree<A>,
    second: Tree<B>,
    { override = false }: { readonly override?: boolean } = {},
  ): Tree<A | B> => {
    const leaves = new Map<string, A | B>(flatten(first));
    const both = paths(second).filter((path) => leaves.has(path));
    if (both.length && !override) throw new Error(list('both trees have', both).join());
    flatten(second).forEach(([path, leaf]) => leaves.set(path, leaf));
    return unflatten(leaves);
  },
) as Merge;

interface ZipWith {
  <A, B, C>(first: Tree<A>, second: Tree<B>, f: (a: A, b: B, path: string) => C): Tree<C>;
  <A, B, C>(second: Tree<B>, f: (a: A, b: B, path: string) => C): (first: Tree<A>) => Tree<C>;
}

/**
 * `f` of the leaves that stand at the same path of two trees; the order is the first's.
 * @throws Error with every path that only one of them has
 */
export const zipWith = dataLast(
  3,
  <A, B, C>(first: Tree<A>, second: Tree<B>, f: (a: A, b: B, path: string) => C): Tree<C> => {
    const others = new Map(flatten(second));
    const mine = new Set(paths(first));
    const wrong = [
      ...list(
        'only the first has',
        [...mine].filter((path) => !others.has(path)),
      ),
      ...list(
        'only the second has',
        [...others.keys()].filter((path) => !mine.has(path)),
      ),
    ];
    if (wrong.length) throw new Error(`the trees have different leaves; ${wrong.join('; ')}`);
    return mapWithPath(first, (path: string, leaf: A) => f(leaf, others.get(path) as B, path));
  },
) as ZipWith;

interface Zip {
  <A, B>(first: Tree<A>, second: Tree<B>): Tree<readonly [A, B]>;
  <B>(second: Tree<B>): <A>(first: Tree<A>) => Tree<readonly [A, B]>;
}

/** The leaves that stand at the same path of two trees, in pairs. @throws Error as `zipWith` does */
export const zip = dataLast(2, <A, B>(first: Tree<A>, second: Tree<B>): Tree<readonly [A, B]> =>
  zipWith(first, second, (a: A, b: B) => [a, b] as const),
) as Zip;
