/**
 * The weights that may be held in fewer bits: matrices that products alone read. Tables of rows (embeddings, positions),
 * norms, biases and kernels of convolutions stay whole: together they are a small part, and each of their numbers counts.
 */
import type { Graph, Value, Weight } from './graph.js';

/** Smaller matrices are not worth their scales. */
const fewest = 1024;

const elements = ({ shape }: Weight): number => (shape as readonly number[]).reduce((size, n) => size * n, 1);

/**
 * The parameters of a graph that are read as the matrix of a product and in no other way.
 * @param whole  paths of parameters that are left out
 */
export const weightsOfProducts = ({ nodes, outputs }: Graph, whole: RegExp): ReadonlySet<Weight> => {
  const found = new Set<Weight>();
  const others = new Set<Value>(outputs.map(({ value }) => value));
  for (const node of nodes)
    for (const [name, value] of Object.entries(node.inputs)) {
      const isMatrix = node.kernel === 'RengaAffine' && name === 'w';
      if (isMatrix && value.kind === 'param' && elements(value) >= fewest && !whole.test(value.path))
        found.add(value);
      else others.add(value);
    }
  for (const value of others) found.delete(value as Weight);
  return found;
};
