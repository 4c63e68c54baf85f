/**
 * Attention of one head with fewer products. Where many keys meet few queries, or many queries few keys, it takes less to
 * project the few: q·(x·w)ᵀ is (q·wᵀ)·xᵀ, and a·(x·w) is (a·x)·w. Outputs differ by rounding alone. Attention whose
 * width is no longer that of its heads has its `scale` among its attributes.
 */
import { constant } from '../graph/constant.js';
import { type Graph, type Node, rewriteGraph, type Value } from '../graph/graph.js';
import { isSymbolic, type Size } from '../graph/size.js';

type Keep = (node: Node) => Value[];

/** A projection [rows, C] to [rows, D], seen through the reshape that follows it. */
interface Projection {
  readonly x: Value;
  readonly w: Value;
  readonly bias?: Value;
  readonly isTransposed: boolean;
  /** [rows, D] */
  readonly flat: Value;
  /** C and D. */
  readonly widths: readonly [from: number, to: number];
}

/** What a reshape is of. */
const flatOf = (value: Value): Value | undefined =>
  value.kind === 'result' && value.node.kernel === 'Reshape' ? value.node.inputs.x : undefined;

const projectionOf = (value: Value): Projection | undefined => {
  const flat = flatOf(value);
  if (flat?.kind !== 'result' || flat.node.kernel !== 'RengaAffine' || flat.node.inputs.residual)
    return undefined;
  const { x, w, bias } = flat.node.inputs;
  const isTransposed = flat.node.attrs.transposed === true;
  return { x, w, bias, isTransposed, flat, widths: [x.shape[1] as number, flat.shape[1] as number] };
};

/** Writes nodes of one result at a module's path. */
const writer = (path: string, keep: Keep) => {
  const put = (kernel: string, inputs: Node['inputs'], shape: readonly Size[], attrs = {}): Value =>
    keep({ kernel, attrs, inputs, outputs: [{ shape, dtype: 'float32' }], path })[0];
  return {
    put,
    reshape: (x: Value, shape: readonly Size[]): Value => put('Reshape', { x }, shape, { shape }),
    affine: (x: Value, w: Value, bias: Value | undefined, transposed: boolean): Value =>
      put('RengaAffine', { x, w, ...(bias && { bias }) }, [x.shape[0], w.shape[transposed ? 0 : 1]], {
        transposed,
      }),
    concat: (parts: readonly [Value, Value], axis: 0 | 1): Value => {
      const [a, b] = parts.map(({ shape }) => shape);
      const sum = (a[axis] as number) + (b[axis] as number);
      return put('Concat', Object.fromEntries(parts.entries()), axis === 0 ? [sum, a[1]] : [a[0], sum], {
        axis,
      });
    },
  };
};

type Writer = ReturnType<typeof writer>;

/** q, k and v of one head without a mask, and how many there are for each example. */
interface Attention {
  readonly q: Value;
  readonly k: Value;
  readonly v: Value;
  readonly queries: number;
  readonly keys: number;
  readonly batch: Size;
}

const attentionOf = ({ kernel, inputs }: Node): Attention | undefined => {
  if (kernel !== 'RengaAttention' || inputs.mask) return undefined;
  const { q, k, v } = inputs;
  const [batch, queries, heads] = q.shape;
  const keys = k.shape[1];
  if (heads !== 1 || isSymbolic(queries) || isSymbolic(keys)) return undefined;
  return { q, k, v, queries, keys, batch };
};

/** Scores by keys that are not projected: what their bias adds is the same for all keys, and softmax takes it away. */
const withPlainKeys = ({ q, k, queries, keys, batch }: Attention, { affine, reshape }: Writer) => {
  const [own, flat] = [projectionOf(k), flatOf(q)];
  if (!own || flat?.shape.length !== 2) return undefined;
  const [from, to] = own.widths;
  if (queries * from * (to + keys) >= keys * to * (from + queries)) return undefined;
  return {
    q: reshape(affine(flat, own.w, undefined, !own.isTransposed), [batch, queries, 1, from]),
    k: reshape(own.x, [batch, keys, 1, from]),
  };
};

/** Scores by queries that are not projected; their bias is a row more of the weights, with ones beside the queries. */
const withPlainQueries = ({ q, k, queries, keys, batch }: Attention, write: Writer) => {
  const [own, flat] = [projectionOf(q), flatOf(k)];
  if (!own || own.isTransposed || flat?.shape.length !== 2) return undefined;
  const [from, to] = own.widths;
  const width = own.bias ? from + 1 : from;
  if (keys * width * (to + queries) >= queries * to * (from + keys)) return undefined;
  const w = own.bias ? write.concat([own.w, write.reshape(own.bias, [1, to])], 0) : own.w;
  const ones = constant([own.x.shape[0], 1], 'float32', 1);
  const x = own.bias ? write.concat([own.x, ones], 1) : own.x;
  return {
    q: write.reshape(x, [batch, queries, 1, width]),
    k: write.reshape(write.affine(flat, w, undefined, true), [batch, keys, 1, width]),
  };
};

/** Values that are projected after they were weighed: weights of a query sum to 1, so that the bias stays what it is. */
const withPlainValues = ({ v, queries, keys }: Attention): Projection | undefined => {
  const own = projectionOf(v);
  if (!own) return undefined;
  const [from, to] = own.widths;
  return queries * from * (keys + to) < keys * to * (from + queries) ? own : undefined;
};

const attend = (node: Node, found: Attention, keep: Keep): readonly Value[] => {
  const write = writer(node.path, keep);
  const { q, queries, keys, batch } = found;
  const scored = withPlainKeys(found, write) ?? withPlainQueries(found, write);
  const values = withPlainValues(found);
  const rows = flatOf(q)?.shape[0];
  if (!scored && (!values || rows === undefined)) return keep(node);
  const attrs = { ...node.attrs, scale: 1 / Math.sqrt(q.shape[3] as number) };
  const given = { ...node.inputs, ...scored };
  if (!values || rows === undefined) return keep({ ...node, attrs, inputs: given });
  const [from] = values.widths;
  const v = write.reshape(values.x, [batch, keys, 1, from]);
  const weighed = write.put('RengaAttention', { ...given, v }, [batch, queries, 1, from], attrs);
  const projected = write.affine(
    write.reshape(weighed, [rows, from]),
    values.w,
    values.bias,
    values.isTransposed,
  );
  return [write.reshape(projected, node.outputs[0].shape)];
};

/** A projection of what was weighed, of values that are projected before they are. */
const projectFirst = (node: Node, keep: Keep): readonly Value[] => {
  const { x, w, bias, residual } = node.inputs;
  const weighed = node.kernel === 'RengaAffine' ? flatOf(x) : undefined;
  const found = weighed?.kind === 'result' ? attentionOf(weighed.node) : undefined;
  if (weighed?.kind !== 'result' || !found) return keep(node);
  const flat = flatOf(found.v);
  const [from, to] = [x.shape[1] as number, node.outputs[0].shape[1] as number];
  const { queries, keys, batch } = found;
  if (flat?.shape.length !== 2 || keys * to * (from + queries) >= queries * from * (keys + to))
    return keep(node);
  const write = writer(node.path, keep);
  const projected = write.affine(flat, w, bias, node.attrs.transposed === true);
  const v = write.reshape(projected, [batch, keys, 1, to]);
  const { attrs, inputs } = weighed.node;
  const out = write.put('RengaAttention', { ...inputs, v }, [batch, queries, 1, to], attrs);
  const result = write.reshape(out, node.outputs[0].shape);
  return residual ? [write.put('Add', { a: result, b: residual }, node.outputs[0].shape)] : [result];
};

/** How often each node's results are used. */
const usesIn = ({ nodes, outputs }: Graph): ReadonlyMap<Node, number> => {
  const uses = new Map<Node, number>();
  const values = [
    ...nodes.flatMap(({ inputs }) => Object.values(inputs)),
    ...outputs.map(({ value }) => value),
  ];
  for (const value of values)
    if (value.kind === 'result') uses.set(value.node, (uses.get(value.node) ?? 0) + 1);
  return uses;
};

/** Whether an affine map is all that is made of its input, and of what that is a reshape of. */
const isOnlyUse = ({ inputs: { x } }: Node, uses: ReadonlyMap<Node, number>): boolean => {
  const inner = x === undefined ? undefined : flatOf(x);
  return (
    x?.kind === 'result' && inner?.kind === 'result' && uses.get(x.node) === 1 && uses.get(inner.node) === 1
  );
};

/** The same graph, to rounding, with attention of one head in the order that takes fewest products. */
export const reassociate = <G extends Graph>(graph: G): G => {
  const uses = usesIn(graph);
  const originals = graph.nodes[Symbol.iterator]();
  const projected = rewriteGraph(graph, (node, keep) => {
    const original = originals.next().value as Node;
    return isOnlyUse(original, uses) ? projectFirst(node, keep) : keep(node);
  });
  return rewriteGraph(projected, (node, keep) => {
    const found = attentionOf(node);
    return found ? attend(node, found, keep) : keep(node);
  });
};
