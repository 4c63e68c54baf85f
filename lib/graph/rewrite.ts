/**
 * Rewriting a graph node by node: the frame of every pass.
 */
import { type Graph, type Node, resultsOf, type Value } from './graph.js';
import { withoutDead } from './passes/withoutDead.js';

/** Values in the places of the results of a node whose inputs were rewritten already. */
type Rewrite = (node: Node, keep: (node: Node) => Value[]) => readonly Value[];

/**
 * The graph with every node rewritten, in order, and without dead code.
 * @param rewrite gives the values that stand for a node's results, and `keep`s the nodes of the new graph
 */
export const rewriteGraph = <G extends Graph>(graph: G, rewrite: Rewrite): G => {
  const nodes: Node[] = [];
  const replaced = new Map<Node, readonly Value[]>();
  const current = (value: Value): Value =>
    value.kind === 'result' ? (replaced.get(value.node) as readonly Value[])[value.index] : value;
  const keep = (node: Node): Value[] => {
    nodes.push(node);
    return resultsOf(node);
  };
  for (const node of graph.nodes) {
    const inputs = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]) => [name, current(value)]),
    );
    replaced.set(node, rewrite({ ...node, inputs }, keep));
  }
  const outputs = graph.outputs.map((output) => ({ ...output, value: current(output.value) }));
  return withoutDead({ ...graph, nodes, outputs });
};

/** The number of times that each node's results are used. */
export const usesIn = ({ nodes, outputs }: Graph): ReadonlyMap<Node, number> => {
  const uses = new Map<Node, number>();
  const values = [
    ...nodes.flatMap(({ inputs }) => Object.values(inputs)),
    ...outputs.map(({ value }) => value),
  ];
  for (const value of values)
    if (value.kind === 'result') uses.set(value.node, (uses.get(value.node) ?? 0) + 1);
  return uses;
};
