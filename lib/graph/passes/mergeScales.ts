/**
 * Scales in a row as one: x times a number, times another number, is x times their product, which is computed once. Where
 * others need what stands between, nothing changes. Results differ by rounding.
 */
import type { Graph, Node, Value } from '../graph.js';
import { rewriteGraph, usesIn } from '../rewrite.js';

type Keep = (node: Node) => Value[];

interface Scaled {
  readonly x: Value;
  readonly factor: Value;
}

const isNumber = ({ shape }: Value): boolean => shape.length === 0;

/** An array times a number, of floats. */
const scaledOf = ({ kernel, inputs: { a, b }, outputs: [{ dtype }] }: Node): Scaled | undefined => {
  if (kernel !== 'Multiply' || dtype !== 'float32' || isNumber(a) === isNumber(b)) return undefined;
  return isNumber(a) ? { x: b, factor: a } : { x: a, factor: b };
};

const isOne = (value: Value): boolean => value.kind === 'constant' && value.values === 1;

const product = (node: Node, a: Value, b: Value, keep: Keep): Value =>
  keep({ ...node, inputs: { a, b }, outputs: [{ shape: [], dtype: 'float32' }] })[0];

/** The graph with one scale in the place of scales in a row. */
export const mergeScales = <G extends Graph>(graph: G): G => {
  const uses = usesIn(graph);
  const originals = graph.nodes[Symbol.iterator]();
  return rewriteGraph(graph, (node, keep) => {
    const original = originals.next().value as Node;
    const [before, outer] = [scaledOf(original), scaledOf(node)];
    if (!before || !outer) return keep(node);
    if (isOne(outer.factor)) return [outer.x];
    const inner = outer.x.kind === 'result' ? scaledOf(outer.x.node) : undefined;
    const isShared = before.x.kind !== 'result' || uses.get(before.x.node) !== 1;
    if (!inner || isShared) return keep(node);
    const factor = product(node, inner.factor, outer.factor, keep);
    return keep({ ...node, inputs: { a: factor, b: inner.x } });
  });
};
