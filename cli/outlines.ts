/**
 * Outlines as tables: names and shapes of a model's parameters.
 */
import { sizeOf } from '../lib/data/array.js';
import { showShape } from '../lib/data/shape.js';
import type { Tree } from '../lib/data/tree.js';
import { table } from './print.js';

type Shaped = { readonly shape: readonly number[]; readonly dtype?: string };

/** A row for each leaf: module, leaf, shape, dtype, number of elements. */
export const treeTable = (tree: Tree<Shaped>): string =>
  table(
    ['module', 'leaf', 'shape', 'dtype', 'elements'],
    Object.entries(tree).flatMap(([path, leaves]) =>
      Object.entries(leaves).map(([name, { shape, dtype }], i) => [
        i === 0 ? path : '',
        name,
        showShape(shape),
        dtype ?? 'float32',
        sizeOf(shape),
      ]),
    ),
  );

/** A line for each module: its path, and the shape of each leaf. */
export const treeLines = (tree: Tree<Shaped>): string => {
  const widest = Math.max(...Object.keys(tree).map((path) => path.length));
  return Object.entries(tree)
    .map(([path, leaves]) => {
      const shapes = Object.entries(leaves).map(([name, { shape }]) => `${name} ${showShape(shape)}`);
      return `  ${path.padEnd(widest)}  ${shapes.join(', ')}`;
    })
    .join('\n');
};
