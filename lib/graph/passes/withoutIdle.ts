/**
 * Idle nodes: those that give their input as it is are left out, and of reshapes in a row the last one stays.
 */
import type { Graph, Node, Value } from '../graph.js';
import { rewriteGraph } from '../rewrite.js';
import { sameSizes } from '../size.js';

const only = ({ inputs }: Node): Value => Object.values(inputs)[0];

/** Tells nodes that give their only input as it is. */
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
    case 'PadV2':
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

/** A reshape of the first input of the reshapes before it; the shape is its result's. */
const reshaped = (node: Node): Node => {
  if (node.kernel !== 'Reshape' && node.kernel !== 'ExpandDims') return node;
  let x = only(node);
  while (x.kind === 'result' && isReshape(x)) x = only(x.node);
  return { ...node, kernel: 'Reshape', inputs: { x }, attrs: { shape: node.outputs[0].shape } };
};

/** The graph without idle nodes. */
export const withoutIdle = <G extends Graph>(graph: G): G =>
  rewriteGraph(graph, (given, keep) => {
    if (isIdle(given)) return [only(given)];
    const node = reshaped(given);
    return isIdle(node) ? [only(node)] : keep(node);
  });
