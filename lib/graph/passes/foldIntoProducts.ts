/**
 * Residual sums and scales as parts of the product before them: one pass over the product's rows where there were two. A
 * product with a scale has it among its attributes: scale · (x·w + bias).
 */
import type { Constant, Graph, Node, Value } from '../graph.js';
import { rewriteGraph, usesIn } from '../rewrite.js';
import { sameSizes } from '../size.js';

type Keep = (node: Node) => Value[];

/** A product that nothing else uses, and the reshape that it is seen through. */
interface Product {
  readonly affine: Node;
  readonly reshape: Node | undefined;
}

const nodeOf = (value: Value): Node | undefined => (value.kind === 'result' ? value.node : undefined);

/** The product that a value is, seen through one reshape; undefined for other values. */
const productOf = (value: Value): Product | undefined => {
  const node = nodeOf(value);
  if (node?.kernel === 'RengaAffine') return { affine: node, reshape: undefined };
  const inner = node?.kernel === 'Reshape' ? nodeOf(node.inputs.x) : undefined;
  return inner?.kernel === 'RengaAffine' ? { affine: inner, reshape: node } : undefined;
};

const isUsedOnce = ({ affine, reshape }: Product, uses: ReadonlyMap<Node, number>): boolean =>
  uses.get(affine) === 1 && (reshape === undefined || uses.get(reshape) === 1);

/** The product with other inputs or attributes, in the shape that it was seen in. */
const remade = ({ affine, reshape }: Product, change: Partial<Node>, keep: Keep): Value => {
  const [value] = keep({ ...affine, ...change });
  return reshape ? keep({ ...reshape, inputs: { x: value } })[0] : value;
};

/** x·w + bias, and what is added to it. */
const withResidual = (product: Product, residual: Value, keep: Keep): Value => {
  const { shape } = product.affine.outputs[0];
  const path = product.affine.path;
  const [flat] = sameSizes(residual.shape, shape)
    ? [residual]
    : keep({
        kernel: 'Reshape',
        attrs: { shape },
        inputs: { x: residual },
        outputs: [{ shape, dtype: 'float32' }],
        path,
      });
  return remade(product, { inputs: { ...product.affine.inputs, residual: flat } }, keep);
};

const withScale = (product: Product, scale: number, keep: Keep): Value => {
  const { attrs } = product.affine;
  return remade(
    product,
    { attrs: { ...attrs, scale: ((attrs.scale as number | undefined) ?? 1) * scale } },
    keep,
  );
};

/** A number that a value is everywhere. */
const numberOf = (value: Value): number | undefined =>
  value.kind === 'constant' && typeof (value as Constant).values === 'number'
    ? ((value as Constant).values as number)
    : undefined;

const others = { a: 'b', b: 'a' } as const;

/** The graph with sums and scales folded into products. */
export const foldIntoProducts = <G extends Graph>(graph: G): G => {
  const uses = usesIn(graph);
  const originals = graph.nodes[Symbol.iterator]();
  return rewriteGraph(graph, (node, keep) => {
    const original = originals.next().value as Node;
    /** The product that an input is, if nobody else needs it and it has no residual. */
    const free = (name: string): Product | undefined => {
      const before = original.inputs[name] && productOf(original.inputs[name]);
      const now = node.inputs[name] && productOf(node.inputs[name]);
      return before && now && isUsedOnce(before, uses) && !now.affine.inputs.residual ? now : undefined;
    };
    const [{ shape }] = node.outputs;
    if (node.kernel === 'RengaAttention' && node.attrs.scale === undefined) {
      const [product, width] = [free('q'), node.inputs.q.shape[3] as number];
      if (!product) return keep(node);
      const q = withScale(product, 1 / Math.sqrt(width), keep);
      return keep({ ...node, attrs: { ...node.attrs, scale: 1 }, inputs: { ...node.inputs, q } });
    }
    if (node.kernel !== 'Add' && node.kernel !== 'Multiply') return keep(node);
    for (const name of ['b', 'a'] as const) {
      const [product, other] = [free(name), node.inputs[others[name]]];
      if (!product || !sameSizes(node.inputs[name].shape, shape)) continue;
      const number = numberOf(other);
      if (node.kernel === 'Multiply' && number !== undefined) return [withScale(product, number, keep)];
      if (node.kernel === 'Add' && number === undefined && sameSizes(other.shape, shape))
        return [withResidual(product, other, keep)];
    }
    return keep(node);
  });
};
