/**
 * Shapes in which names stand for sizes that stay open, such as `['batch', 2048]`.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { type ArraySpec, mapNest, partsOf, type Replaced } from '../data/nest.js';
import { isSpec } from '../language/outline.js';
import type { Sizes } from './size.js';

/** An array of which only the shape is known, and of that perhaps not every size. */
export interface OpenSpec {
  readonly shape: readonly (number | string)[];
  readonly dtype?: ArraySpec['dtype'];
}

/** A nest in which a spec may stand for a tensor. */
export type OpenSpecOf<A> = Replaced<A, Tensor, Tensor | OpenSpec>;

/** The names of open sizes, in the order in which they first stand. */
export const openSizes = (specs: readonly unknown[]): string[] => {
  const names = partsOf(specs, isSpec).flatMap(({ shape }) =>
    (shape as readonly unknown[]).filter((size): size is string => typeof size === 'string'),
  );
  return [...new Set(names)];
};

/** The same shapes with numbers in the places of those names that have one. */
export const closeSizes = <A>(specs: A, sizes: Sizes): A =>
  mapNest(specs, isSpec, ({ shape, dtype }) => ({
    shape: (shape as readonly (number | string)[]).map((size) => sizes[size] ?? size),
    dtype,
  })) as A;
