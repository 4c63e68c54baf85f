/**
 * The weights that products read as their matrices, with the products: candidates for fewer bits. Tables of rows (embeddings,
 * positions), norms, biases and kernels of convolutions are none.
 */
import type { Graph, Node, Value, Weight } from './graph.js';

/** A parameter that is the matrix of products. */
export interface MatrixOfProducts {
  readonly weight: Weight;
  /** The products that read the matrix. */
  readonly products: readonly Node[];
  /** True where something else reads the parameter too, or it is an output. */
  readonly isReadElsewhere: boolean;
}

/** The parameters of a graph that products read as their matrices, in the order of the products. */
export const weightsOfProducts = ({ nodes, outputs }: Graph): readonly MatrixOfProducts[] => {
  const products = new Map<Weight, Node[]>();
  const others = new Set<Value>(outputs.map(({ value }) => value));
  for (const node of nodes)
    for (const [name, value] of Object.entries(node.inputs)) {
      const isMatrix = node.kernel === 'RengaAffine' && name === 'w' && value.kind === 'param';
      if (!isMatrix) others.add(value);
      else products.set(value, [...(products.get(value) ?? []), node]);
    }
  return [...products].map(([weight, its]) => ({
    weight,
    products: its,
    isReadElsewhere: others.has(weight),
  }));
};
