/**
 * The same graph with less in it: what changes nothing goes, what is computed twice is shared, what depends on constants
 * alone is folded, and what no output needs is left out.
 */
import { sameElements } from './constant.js';
import { fold } from './fold.js';
import { type Constant, type Graph, type Node, rewriteGraph, type Value } from './graph.js';
import { sameSizes, showSize } from './size.js';

const only = ({ inputs }: Node): Value => Object.values(inputs)[0];

/** True if a node gives its only input as it is. */
const isIdle = (node: Node): boolean => {
  const input = only(node);
  const [output] = node.outputs;
  switch (node.kernel) {
    case 'Identity':
      return true;
    case 'Cast':
      return input.dtype === output.dtype;
    case 'Transpose':
      return (node.attrs.perm as number[]).every((axis, i) => axis === i);
    case 'Concat':
    case 'AddN':
      return Object.keys(node.inputs).length === 1;
    case 'Reshape':
    case 'ExpandDims':
    case 'Slice':
    case 'Tile':
    case 'BroadcastTo':
      return sameSizes(input.shape, output.shape);
    default:
      return false;
  }
};

const isReshape = (value: Value): boolean =>
  value.kind === 'result' && ['Reshape', 'ExpandDims'].includes(value.node.kernel);

/** Of reshapes in a row the last one counts; the shape it names is its result's. */
const reshaped = (node: Node): Node => {
  if (node.kernel !== 'Reshape' && node.kernel !== 'ExpandDims') return node;
  let x = only(node);
  while (x.kind === 'result' && isReshape(x)) x = only(x.node);
  return { ...node, kernel: 'Reshape', inputs: { x }, attrs: { shape: node.outputs[0].shape } };
};

/** Attributes as text: the same for the same ones, with numbers that JSON does not know. */
const showAttrs = (attrs: unknown): string =>
  JSON.stringify(attrs, (_name, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );

/** Gives the same number for the same value. */
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

/** The graph, simplified. */
export const simplify = <G extends Graph>(graph: G): G => {
  const [numberOf, shared] = [numbering(), constantPool()];
  const canonical = (value: Value): Value => (value.kind === 'constant' ? shared(value) : value);
  const known = new Map<string, Value[]>();
  return rewriteGraph(graph, (given, keep) => {
    const inputs = Object.entries(given.inputs).map(([name, value]) => [name, canonical(value)]);
    const named: Node = { ...given, inputs: Object.fromEntries(inputs) };
    if (isIdle(named)) return [only(named)];
    const node = reshaped(named);
    if (isIdle(node)) return [only(node)];
    const numbers = Object.entries(node.inputs).map(([name, value]) => `${name}:${numberOf(value)}`);
    const key = `${node.repetition ?? 0} ${node.kernel} ${numbers} ${showAttrs(node.attrs)}`;
    const results = known.get(key) ?? fold(node)?.map(shared) ?? keep(node);
    known.set(key, results);
    return results;
  });
};
