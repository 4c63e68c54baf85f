/**
 * Trees as fp-ts knows containers: instances of its type classes, with the path of a leaf as the index. Their laws are
 * tested. Filtering drops modules that lose all their leaves.
 */
import type { HKT } from 'fp-ts/HKT';
import type { Applicative as ApplicativeOf } from 'fp-ts/lib/Applicative.js';
import type { Compactable1 } from 'fp-ts/lib/Compactable.js';
import * as E from 'fp-ts/lib/Either.js';
import type { Eq } from 'fp-ts/lib/Eq.js';
import type { Filterable1 } from 'fp-ts/lib/Filterable.js';
import type { FilterableWithIndex1 } from 'fp-ts/lib/FilterableWithIndex.js';
import type { Foldable1 } from 'fp-ts/lib/Foldable.js';
import type { FoldableWithIndex1 } from 'fp-ts/lib/FoldableWithIndex.js';
import type { Functor1 } from 'fp-ts/lib/Functor.js';
import type { FunctorWithIndex1 } from 'fp-ts/lib/FunctorWithIndex.js';
import * as O from 'fp-ts/lib/Option.js';
import type { Separated } from 'fp-ts/lib/Separated.js';
import type { Show } from 'fp-ts/lib/Show.js';
import type { Traversable1 } from 'fp-ts/lib/Traversable.js';
import type { TraversableWithIndex1 } from 'fp-ts/lib/TraversableWithIndex.js';
import { flatten, fold, foldWithPath, joinPath, map, mapWithPath, type Tree } from './tree.js';

export const URI = 'renga/Tree';
export type URI = typeof URI;

declare module 'fp-ts/HKT' {
  interface URItoKind<A> {
    readonly 'renga/Tree': Tree<A>;
  }
}

export const Functor: Functor1<URI> = { URI, map };

export const FunctorWithIndex: FunctorWithIndex1<URI, string> = { ...Functor, mapWithIndex: mapWithPath };

export const Foldable: Foldable1<URI> = {
  URI,
  reduce: fold,
  foldMap: (M) => (tree, f) => fold(tree, M.empty, (sum, leaf) => M.concat(sum, f(leaf))),
  reduceRight: (tree, initial, f) => flatten(tree).reduceRight((sum, [, leaf]) => f(leaf, sum), initial),
};

export const FoldableWithIndex: FoldableWithIndex1<URI, string> = {
  ...Foldable,
  reduceWithIndex: foldWithPath,
  foldMapWithIndex: (M) => (tree, f) =>
    foldWithPath(tree, M.empty, (path, sum, leaf) => M.concat(sum, f(path, leaf))),
  reduceRightWithIndex: (tree, initial, f) =>
    flatten(tree).reduceRight((sum, [path, leaf]) => f(path, leaf, sum), initial),
};

/** Effects run in the order of the leaves. */
const traverseWithIndex =
  <F>(F: ApplicativeOf<F>) =>
  <A, B>(tree: Tree<A>, f: (path: string, leaf: A) => HKT<F, B>): HKT<F, Tree<B>> => {
    const start = F.of<readonly B[]>([]);
    const results = foldWithPath(tree, start, (path: string, sum: HKT<F, readonly B[]>, leaf: A) =>
      F.ap(
        F.map(sum, (done) => (next: B): readonly B[] => [...done, next]),
        f(path, leaf),
      ),
    );
    return F.map(results, (done) => {
      const next = done[Symbol.iterator]();
      return map(tree, () => next.next().value as B);
    });
  };

const traverse =
  <F>(F: ApplicativeOf<F>) =>
  <A, B>(tree: Tree<A>, f: (leaf: A) => HKT<F, B>): HKT<F, Tree<B>> =>
    traverseWithIndex(F)<A, B>(tree, (_path, leaf) => f(leaf));

export const Traversable: Traversable1<URI> = {
  ...Functor,
  ...Foldable,
  traverse,
  sequence:
    <F>(F: ApplicativeOf<F>) =>
    <A>(tree: Tree<HKT<F, A>>) =>
      traverse(F)<HKT<F, A>, A>(tree, (leaf) => leaf),
};

export const TraversableWithIndex: TraversableWithIndex1<URI, string> = {
  ...FunctorWithIndex,
  ...FoldableWithIndex,
  ...Traversable,
  traverseWithIndex,
};

const filterMapWithIndex = <A, B>(tree: Tree<A>, f: (path: string, leaf: A) => O.Option<B>): Tree<B> =>
  Object.fromEntries(
    Object.entries(tree).flatMap(([module, leaves]) => {
      const all = Object.entries(leaves);
      const kept = all.flatMap(([name, leaf]) => {
        const found = f(joinPath(module, name), leaf);
        return O.isSome(found) ? [[name, found.value] as const] : [];
      });
      return kept.length === 0 && all.length > 0 ? [] : [[module, Object.fromEntries(kept)] as const];
    }),
  );

const partitionMapWithIndex = <A, B, C>(
  tree: Tree<A>,
  f: (path: string, leaf: A) => E.Either<B, C>,
): Separated<Tree<B>, Tree<C>> => {
  const both = mapWithPath(tree, f);
  return {
    left: filterMapWithIndex(both, (_path, either) => (E.isLeft(either) ? O.some(either.left) : O.none)),
    right: filterMapWithIndex(both, (_path, either) => (E.isRight(either) ? O.some(either.right) : O.none)),
  };
};

const filterWithIndex = <A>(tree: Tree<A>, test: (path: string, leaf: A) => boolean): Tree<A> =>
  filterMapWithIndex(tree, (path, leaf) => (test(path, leaf) ? O.some(leaf) : O.none));

const partitionWithIndex = <A>(tree: Tree<A>, test: (path: string, leaf: A) => boolean) => ({
  left: filterWithIndex(tree, (path, leaf) => !test(path, leaf)),
  right: filterWithIndex(tree, test),
});

export const Compactable: Compactable1<URI> = {
  URI,
  compact: (tree) => filterMapWithIndex(tree, (_path, option) => option),
  separate: (tree) => partitionMapWithIndex(tree, (_path, either) => either),
};

export const Filterable: Filterable1<URI> = {
  ...Functor,
  ...Compactable,
  filterMap: (tree, f) => filterMapWithIndex(tree, (_path, leaf) => f(leaf)),
  partitionMap: (tree, f) => partitionMapWithIndex(tree, (_path, leaf) => f(leaf)),
  filter: <A>(tree: Tree<A>, test: (leaf: A) => boolean) =>
    filterWithIndex(tree, (_path, leaf) => test(leaf)),
  partition: <A>(tree: Tree<A>, test: (leaf: A) => boolean) =>
    partitionWithIndex(tree, (_path, leaf) => test(leaf)),
};

export const FilterableWithIndex: FilterableWithIndex1<URI, string> = {
  ...FunctorWithIndex,
  ...Filterable,
  filterMapWithIndex,
  partitionMapWithIndex,
  filterWithIndex,
  partitionWithIndex,
};

/** Trees are equal when they have equal leaves at the same paths, in any order. */
export const getEq = <A>(leaf: Eq<A>): Eq<Tree<A>> => ({
  equals: (first, second) => {
    const others = new Map(flatten(second));
    const own = flatten(first);
    const isSame = ([path, a]: readonly [string, A]) =>
      others.has(path) && leaf.equals(a, others.get(path) as A);
    return own.length === others.size && own.every(isSame);
  },
});

/** A tree as text, a line for each leaf: `path: leaf`. */
export const getShow = <A>(leaf: Show<A>): Show<Tree<A>> => ({
  show: (tree) =>
    flatten(tree)
      .map(([path, value]) => `${path}: ${leaf.show(value)}`)
      .join('\n'),
});
