/**
 * Common subexpressions: a kernel that is computed twice from the same inputs is computed once, but for parts that `remat`
 * computes again so that less is held.
 */
import { sameElements } from '../constant.js';
import type { Constant, Graph, Node, Value } from '../graph.js';
import { rewriteGraph } from '../rewrite.js';
import { showSize } from '../size.js';

/** Attributes as text, with the numbers that JSON does not know. */
const showAttrs = (attrs: unknown): string =>
  JSON.stringify(attrs, (_name, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );

/** Numbers for values, one for each. */
const numbering = () => {
  const numbers = new Map<Value, number>();
  return (value: Value): number => {
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    return numbers.get(value) as number;
  };
};

/** One constant for all those of the same elements. */
const constantPool = () => {
  const pool = new Map<string, Constant[]>();
  return (value: Constant): Constant => {
    const key = `${value.dtype} ${value.shape.map(showSize)}`;
    const alike = pool.get(key) ?? [];
    pool.set(key, alike);
    const known = alike.find(({ values }) => sameElements(values, value.values));
    if (!known) alike.push(value);
    return known ?? value;
  };
};

/** The graph with each subexpression once. */
export const shareCommon = <G extends Graph>(graph: G): G => {
  const [numberOf, shared] = [numbering(), constantPool()];
  const canonical = (value: Value): Value => (value.kind === 'constant' ? shared(value) : value);
  const known = new Map<string, Value[]>();
  return rewriteGraph(graph, (given, keep) => {
    const inputs = Object.entries(given.inputs).map(([name, value]) => [name, canonical(value)] as const);
    const node: Node = { ...given, inputs: Object.fromEntries(inputs) };
    const numbers = inputs.map(([name, value]) => `${name}:${numberOf(value)}`);
    const key = `${node.repetition ?? 0} ${node.kernel} ${numbers} ${showAttrs(node.attrs)}`;
    const results = known.get(key) ?? keep(node);
    known.set(key, results);
    return results;
  });
};
