/**
 * Shapes of kernels that work along axes: reductions, cumulative ones, the best k.
 */
import * as tf from '@tensorflow/tfjs-core';
import { forEach, spec, type ShapeKernels, type Spec } from './kernel.js';

interface Unary {
  readonly x: Spec;
}
interface AxisAttrs {
  readonly axis: number | number[];
  readonly keepDims?: boolean;
}

/** The shape without the reduced axes, or with 1 in their place. */
const reducedShape = ({ shape }: Spec, { axis, keepDims }: AxisAttrs): number[] => {
  const axes = tf.util.parseAxisParam(axis, shape);
  return keepDims
    ? shape.map((n, i) => (axes.includes(i) ? 1 : n))
    : shape.filter((_, i) => !axes.includes(i));
};

const reduceTo =
  (dtype: (x: tf.DataType) => tf.DataType) =>
  ({ x }: Unary, attrs: AxisAttrs): Spec =>
    spec(reducedShape(x, attrs), dtype(x.dtype));

/** Sums and products of booleans count. */
const counted = (dtype: tf.DataType): tf.DataType => tf.upcastType(dtype, 'int32');

export const reductions: ShapeKernels = {
  ...forEach([tf.Sum, tf.Prod], reduceTo(counted)),
  [tf.Min]: reduceTo((dtype) => dtype),
  [tf.Max]: ({ x }: Unary, { reductionIndices, keepDims }: tf.MaxAttrs) =>
    spec(reducedShape(x, { axis: reductionIndices, keepDims }), x.dtype),
  ...forEach(
    [tf.Any, tf.All],
    reduceTo(() => 'bool'),
  ),
  ...forEach(
    [tf.ArgMax, tf.ArgMin],
    reduceTo(() => 'int32'),
  ),
  [tf.Mean]: reduceTo(() => 'float32'),
  ...forEach([tf.Cumsum, tf.Cumprod], ({ x }: Unary) => spec(x.shape, counted(x.dtype))),
  [tf.TopK]: ({ x }: Unary, { k }: tf.TopKAttrs) => {
    const best = [...x.shape.slice(0, -1), k];
    return [spec(best, x.dtype), spec(best, 'int32')];
  },
  [tf.Bincount]: ({ weights }: { weights: Spec }, { size }: tf.BincountAttrs) => spec([size], weights.dtype),
  [tf.DenseBincount]: ({ x, weights }: { x: Spec; weights: Spec }, { size }: tf.DenseBincountAttrs) =>
    spec([...x.shape.slice(0, -1), size], weights.dtype),
  [tf.SearchSorted]: ({ values }: { values: Spec }) => spec(values.shape, 'int32'),
  [tf.Multinomial]: ({ logits }: { logits: Spec }, { numSamples }: tf.MultinomialAttrs) =>
    spec([logits.shape[0], numSamples], 'int32'),
};
