/**
 * Graphs run node by node on the engine, to see whether they say what the layer does.
 */
import * as tf from '@tensorflow/tfjs-core';
import { elementsOf } from '../../../lib/graph/constant.js';
import { compositionOf } from '../../../lib/engine/shapes/withoutData.js';
import type { Constant, Graph, Node, Value, Weight } from '../../../lib/graph/graph.js';
import { evaluate, isSymbolic, type Size, type Sizes } from '../../../lib/graph/size.js';

/** Whatever attributes are made of, with open sizes closed. */
const closed = (value: unknown, sizes: Sizes): unknown => {
  if (isSymbolic(value)) return evaluate(value, sizes);
  return Array.isArray(value) ? value.map((each) => closed(each, sizes)) : value;
};

const constantTensor = (value: Constant, sizes: Sizes): tf.Tensor => {
  const shape = closed(value.shape as Size[], sizes) as number[];
  return tf.tensor(elementsOf({ ...value, shape }) as Float32Array, shape, value.dtype);
};

/** scale · (x·w + bias) + residual, from x·w + bias + residual. */
const scaled = (
  { attrs }: Node,
  { residual }: Record<string, tf.Tensor | undefined>,
  y: tf.Tensor,
): tf.Tensor => {
  const product = tf.mul(residual ? tf.sub(y, residual) : y, attrs.scale as number);
  return residual ? tf.add(product, residual) : product;
};

/** Runs a graph on inputs by name and weights by path. */
export const interpret = (
  graph: Graph,
  inputs: Readonly<Record<string, tf.Tensor>>,
  weightOf: (weight: Weight) => tf.Tensor,
  sizes: Sizes = {},
): tf.Tensor[] => {
  const results = new Map<Node, tf.Tensor[]>();
  const tensorOf = (value: Value): tf.Tensor => {
    if (value.kind === 'input') return inputs[value.name];
    if (value.kind === 'constant') return constantTensor(value, sizes);
    if (value.kind !== 'result') return weightOf(value);
    return (results.get(value.node) as tf.Tensor[])[value.index];
  };
  for (const node of graph.nodes) {
    const names = Object.keys(node.inputs);
    const given = Object.fromEntries(names.map((name) => [name, tensorOf(node.inputs[name])]));
    const scale = node.attrs.scale as number | undefined;
    // The engine's attention divides by the root of the width that it sees.
    if (node.kernel === 'RengaAttention' && scale !== undefined)
      given.q = tf.mul(given.q, scale * Math.sqrt(given.q.shape[3] as number));
    if (node.kernel === 'RengaSize') {
      const [{ shape, dtype }] = node.outputs;
      const size = closed(node.attrs.size, sizes) as number;
      const value = node.attrs.isInverse ? 1 / size : size;
      results.set(node, [tf.fill(closed(shape, sizes) as number[], value, dtype)]);
      continue;
    }
    const isOurs = node.kernel.startsWith('Renga');
    const isRow = isOurs || names.every((name, i) => name === String(i));
    const attrs = Object.entries(node.attrs).map(([name, value]) => [name, closed(value, sizes)]);
    const row = (isRow ? Object.values(given) : given) as tf.NamedTensorMap;
    const all = Object.fromEntries(isOurs ? [...attrs, ['given', names]] : attrs);
    const made = tf.getKernel(node.kernel, tf.getBackend())
      ? tf.engine().runKernel(node.kernel, row, all)
      : compositionOf(node.kernel)!(row as never, all as never);
    const isScaled = node.kernel === 'RengaAffine' && scale !== undefined;
    results.set(node, (isScaled ? [scaled(node, given, made as tf.Tensor)] : [made].flat()) as tf.Tensor[]);
  }
  return graph.outputs.map(({ value }) => tensorOf(value));
};
