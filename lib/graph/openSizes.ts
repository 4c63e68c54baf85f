/**
 * Shapes in which names stand for sizes that stay open, such as `['batch', 2048]`.
 */
import type { Leaf } from '../data/leaf.js';
import { type ArraySpec, mapNest, partsOf, type Replaced } from '../data/nest.js';
import { isSpec } from '../language/outline.js';
import { evaluate, type Size, type Sizes, symbolsOf } from './size.js';

/** An array of which only the shape is known, and of that perhaps not every size. */
export interface OpenSpec {
  /** A name for a size that stays open, or a polynomial in such names. */
  readonly shape: readonly (Size | string)[];
  readonly dtype?: ArraySpec['dtype'];
}

/** A nest in which a spec may stand for a tensor or a host array. */
export type OpenSpecOf<A> = Replaced<A, Leaf, Leaf | OpenSpec>;

/** The names of open sizes, in the order in which they first stand. */
export const openSizes = (specs: readonly unknown[]): string[] => {
  const names = partsOf(specs, isSpec).flatMap(({ shape }) =>
    (shape as OpenSpec['shape']).flatMap((size) => (typeof size === 'string' ? [size] : symbolsOf(size))),
  );
  return [...new Set(names)];
};

/** The same shapes with numbers in the places of those names that have one. */
export const closeSizes = <A>(specs: A, sizes: Sizes): A =>
  mapNest(specs, isSpec, ({ shape, dtype }) => ({
    shape: (shape as OpenSpec['shape']).map((size) => {
      if (typeof size === 'string') return sizes[size] ?? size;
      return symbolsOf(size).every((name) => name in sizes) ? evaluate(size, sizes) : size;
    }),
    dtype,
  })) as A;
