/**
 * Dead code: nodes and weights that no output depends on are left out.
 */
import { type Graph, inputsOf, type Node, type Value, type Weight } from '../graph.js';

/**
 * The graph without the nodes and weights that its outputs do not depend on; inputs stay, used or not.
 */
export const withoutDead = <G extends Graph>(graph: G): G => {
  const live = new Set<Node | Weight>();
  const visit = (value: Value): void => {
    if (value.kind === 'param' || value.kind === 'state') live.add(value);
    if (value.kind === 'result') live.add(value.node);
  };
  graph.outputs.forEach(({ value }) => visit(value));
  for (const node of [...graph.nodes].reverse()) if (live.has(node)) inputsOf(node).forEach(visit);
  return {
    ...graph,
    weights: graph.weights.filter((weight) => live.has(weight)),
    nodes: graph.nodes.filter((node) => live.has(node)),
  };
};
