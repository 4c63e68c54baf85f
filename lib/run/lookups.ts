/**
 * Inputs that are ids of rows of a table. onnxruntime counts ids below 0 from the table's end, and names a node where one is too
 * large; here they are looked at before it runs, as the engine does.
 */
import type { Graph, Value } from '../graph/graph.js';

/** For each input, the number of rows of the smallest table that it is used on as it is; undefined where there is none. */
export const vocabulariesOf = ({ inputs, nodes }: Graph): readonly (number | undefined)[] => {
  const sizes = new Map<Value, number>();
  for (const { kernel, inputs: given, attrs } of nodes) {
    if (kernel !== 'GatherV2') continue;
    const rows = given.x.shape[attrs.axis as number];
    let ids = given.indices;
    while (ids.kind === 'result' && ids.node.kernel === 'Reshape') [ids] = Object.values(ids.node.inputs);
    if (typeof rows === 'number') sizes.set(ids, Math.min(rows, sizes.get(ids) ?? Infinity));
  }
  return inputs.map((input) => sizes.get(input));
};
