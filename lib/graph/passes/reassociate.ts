/**
 * Attention of one head with fewer products, as a pass over the graph: queries that meet many keys, or keys that meet many
 * queries, stay as they are, and the few on the other side are projected instead. Outputs differ by rounding alone.
 * Attention whose width is no longer that of its heads has its `scale` among its attributes.
 */
import { projectedFirst, projectedLast, type Sides } from '../../engine/index.js';
import { constant } from '../constant.js';
import type { Graph, Node, Value } from '../graph.js';
import { rewriteGraph, usesIn } from '../rewrite.js';
import { isSymbolic, type Size } from '../size.js';

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

/** True where it takes fewer products to leave the rows as they are and project the others. */
const isLessLast = (sides: Sides): boolean => projectedLast(sides) < projectedFirst(sides);

/** The input of a reshape. */
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

/** q, k and v of one head that sees every key, and the number of queries and keys of each example. */
interface Attention {
  readonly q: Value;
  readonly k: Value;
  readonly v: Value;
  readonly queries: number;
  readonly keys: number;
  readonly batch: Size;
}

const attentionOf = ({ kernel, inputs, attrs }: Node): Attention | undefined => {
  if (kernel !== 'RengaAttention' || inputs.mask || inputs.keep || attrs.causal === true) return undefined;
  const { q, k, v } = inputs;
  const [batch, queries, heads] = q.shape;
  const keys = k.shape[1];
  if (heads !== 1 || isSymbolic(queries) || isSymbolic(keys)) return undefined;
  return { q, k, v, queries, keys, batch };
};

/** Keys that are not projected. A bias of theirs adds the same to all scores of a query, and softmax takes it away. */
const withPlainKeys = ({ q, k, queries, keys, batch }: Attention, { affine, reshape }: Writer) => {
  const [own, flat] = [projectionOf(k), flatOf(q)];
  if (!own || flat?.shape.length !== 2) return undefined;
  const [from, to] = own.widths;
  if (!isLessLast({ rows: keys, others: queries, from, to })) return undefined;
  return {
    q: reshape(affine(flat, own.w, undefined, !own.isTransposed), [batch, queries, 1, from]),
    k: reshape(own.x, [batch, keys, 1, from]),
  };
};

/** Queries that are not projected. Their bias is one more row of the weights, with ones beside the queries. */
const withPlainQueries = ({ q, k, queries, keys, batch }: Attention, write: Writer) => {
  const [own, flat] = [projectionOf(q), flatOf(k)];
  if (!own || own.isTransposed || flat?.shape.length !== 2) return undefined;
  const [channels, to] = own.widths;
  const from = own.bias ? channels + 1 : channels;
  // The projection of the queries themselves takes no product with the column of ones.
  const sides = { rows: queries, others: keys, to };
  if (projectedLast({ ...sides, from }) >= projectedFirst({ ...sides, from: channels })) return undefined;
  const w = own.bias ? write.concat([own.w, write.reshape(own.bias, [1, to])], 0) : own.w;
  const ones = constant([own.x.shape[0], 1], 'float32', 1);
  const x = own.bias ? write.concat([own.x, ones], 1) : own.x;
  return {
    q: write.reshape(x, [batch, queries, 1, from]),
    k: write.reshape(write.affine(flat, w, undefined, true), [batch, keys, 1, from]),
  };
};

/** Values that are projected after they were weighed: the weights of a query sum to 1, so that the bias stays the same. */
const withPlainValues = ({ v, queries, keys }: Attention): Projection | undefined => {
  const own = projectionOf(v);
  if (!own) return undefined;
  const [from, to] = own.widths;
  return isLessLast({ rows: keys, others: queries, from, to }) ? own : undefined;
};

const attend = (node: Node, found: Attention, keep: Keep): readonly Value[] => {
  const write = writer(node.path, keep);
  const { q, queries, keys, batch } = found;
  const scored = withPlainKeys(found, write) ?? withPlainQueries(found, write);
  const values = withPlainValues(found);
  const rows = flatOf(q)?.shape[0];
  if (!scored && (!values || rows === undefined)) return keep(node);
  const attrs = { scale: 1 / Math.sqrt(q.shape[3] as number), ...node.attrs };
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

/** Values that are projected before they are weighed, in place of a projection of the result. */
const projectFirst = (node: Node, keep: Keep): readonly Value[] => {
  const { x, w, bias, residual } = node.inputs;
  const weighed = node.kernel === 'RengaAffine' ? flatOf(x) : undefined;
  const found = weighed?.kind === 'result' ? attentionOf(weighed.node) : undefined;
  if (weighed?.kind !== 'result' || !found) return keep(node);
  const flat = flatOf(found.v);
  const [from, to] = [x.shape[1] as number, node.outputs[0].shape[1] as number];
  const { queries, keys, batch } = found;
  const sides = { rows: keys, others: queries, from, to };
  if (flat?.shape.length !== 2 || projectedFirst(sides) >= projectedLast(sides)) return keep(node);
  const write = writer(node.path, keep);
  const projected = write.affine(flat, w, bias, node.attrs.transposed === true);
  const v = write.reshape(projected, [batch, keys, 1, to]);
  const { attrs, inputs } = weighed.node;
  const out = write.put('RengaAttention', { ...inputs, v }, [batch, queries, 1, to], attrs);
  const result = write.reshape(out, node.outputs[0].shape);
  return residual ? [write.put('Add', { a: result, b: residual }, node.outputs[0].shape)] : [result];
};

/** True where an affine map is the only use of its input, and of the value that its input is a reshape of. */
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
