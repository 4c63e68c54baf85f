/**
 * Derivatives of convolutions and pools, by the kernels that tfjs has for them.
 */
import * as tf from '@tensorflow/tfjs-core';
import { pool } from '../shapes/normalized.js';
import { rule, type Cotangents } from './rule.js';
import { spread } from './spread.js';

type T = tf.Tensor;

const run = (kernelName: string, inputs: tf.NamedTensorMap, attrs: object): T =>
  tf.engine().runKernel(kernelName, inputs, attrs as tf.NamedAttrMap);

interface Conv {
  readonly strides: unknown;
  readonly pad: unknown;
  readonly dilations?: number | number[];
}

/** Steps by which a filter is spread out: its dilation in space, 1 over its channels. */
const stepsOf = ({ dilations }: Conv, rank: number): number[] => {
  const inSpace =
    typeof dilations === 'object' ? dilations : Array.from({ length: rank - 2 }, () => dilations ?? 1);
  return [...inSpace, 1, 1];
};

/** The elements of a filter that was spread out, without what was put between them. */
const gathered = (filter: T, steps: number[]): T =>
  steps.every((step) => step === 1)
    ? filter
    : tf.stridedSlice(
        filter,
        filter.shape.map(() => 0),
        filter.shape,
        steps,
      );

/**
 * The cotangents of a convolution. The kernels for them know no dilation; a dilated filter is one with zeros in
 * between, so they are given that.
 */
const convolutionBack =
  (backInput: string, backFilter: string) =>
  (dy: T, [x, filter]: T[], attrs: Conv): Cotangents => {
    const steps = stepsOf(attrs, filter.rank);
    const plain = { ...attrs, dilations: steps.slice(0, -2).map(() => 1) };
    const wideShape = filter.shape.map((n, i) => (n - 1) * steps[i] + 1);
    return {
      x: () => run(backInput, { dy, filter: spread(filter, steps) }, { ...plain, inputShape: x.shape }),
      filter: () => gathered(run(backFilter, { x, dy }, { ...plain, filterShape: wideShape }), steps),
    };
  };

/** The cotangents of a transposed convolution: the convolution itself, and its filter's derivative. */
const transposedBack =
  (forward: string, backFilter: string) =>
  (ddx: T, [dy, filter]: T[], attrs: Conv): Cotangents => ({
    dy: () =>
      run(forward, { x: ddx, filter }, { ...attrs, dilations: stepsOf(attrs, filter.rank).slice(0, -2) }),
    filter: () => run(backFilter, { x: ddx, dy }, { ...attrs, filterShape: filter.shape }),
  });

const convolutions: readonly tf.GradConfig[] = [
  rule<Conv>(
    tf.Conv2D,
    { inputs: ['x', 'filter'] },
    convolutionBack(tf.Conv2DBackpropInput, tf.Conv2DBackpropFilter),
  ),
  rule<Conv>(
    tf.Conv3D,
    { inputs: ['x', 'filter'] },
    convolutionBack(tf.Conv3DBackpropInputV2, tf.Conv3DBackpropFilterV2),
  ),
  rule<Conv>(
    tf.DepthwiseConv2dNative,
    { inputs: ['x', 'filter'] },
    convolutionBack(tf.DepthwiseConv2dNativeBackpropInput, tf.DepthwiseConv2dNativeBackpropFilter),
  ),
  rule<Conv>(
    tf.Conv2DBackpropInput,
    { inputs: ['dy', 'filter'] },
    transposedBack(tf.Conv2D, tf.Conv2DBackpropFilter),
  ),
  rule<Conv>(
    tf.Conv3DBackpropInputV2,
    { inputs: ['dy', 'filter'] },
    transposedBack(tf.Conv3D, tf.Conv3DBackpropFilterV2),
  ),
  rule<object>(tf.Dilation2D, { inputs: ['x', 'filter'] }, (dy, [x, filter], attrs) => ({
    x: () => run(tf.Dilation2DBackpropInput, { x, filter, dy }, attrs),
    filter: () => run(tf.Dilation2DBackpropFilter, { x, filter, dy }, attrs),
  })),
];

/** The number of elements of the input that each window along one axis sees. */
const seen = (windows: number, inputs: number, filter: number, stride: number, padding: number): number[] =>
  Array.from({ length: windows }, (_, i) => {
    const start = i * stride - padding;
    return Math.min(start + filter, inputs) - Math.max(start, 0);
  });

/** Along one axis of space, [1, …, windows, …, 1]. */
const alongAxis = (values: number[], axis: number, rank: number): T =>
  tf.tensor(
    values,
    Array.from({ length: rank }, (_, i) => (i === axis ? values.length : 1)),
  );

/**
 * A window at the border averages over what it sees; the kernel for the derivative divides by the whole window. So
 * the cotangent is first made larger by as much.
 */
const weighted2d = (dy: T, x: T, a: tf.AvgPoolAttrs): T => {
  const shape = x.shape as [number, number, number, number];
  const { pad } = pool({ x }, a as never) as Pick<tf.AvgPoolAttrs, 'pad'>;
  const w = tf.backend_util.computePool2DInfo(shape, a.filterSize, a.strides, 1, pad);
  const { filterHeight, filterWidth, padInfo } = w;
  const height = seen(w.outHeight, w.inHeight, filterHeight, w.strideHeight, padInfo.top);
  const width = seen(w.outWidth, w.inWidth, filterWidth, w.strideWidth, padInfo.left);
  const count = tf.mul(alongAxis(height, 1, 4), alongAxis(width, 2, 4));
  return tf.div(tf.mul(dy, filterHeight * filterWidth), count);
};

const weighted3d = (dy: T, x: T, a: tf.AvgPool3DAttrs): T => {
  const shape = x.shape as [number, number, number, number, number];
  const w = tf.backend_util.computePool3DInfo(shape, a.filterSize, a.strides, 1, a.pad, a.dimRoundingMode);
  const { filterDepth, filterHeight, filterWidth, padInfo } = w;
  const depth = seen(w.outDepth, w.inDepth, filterDepth, w.strideDepth, padInfo.front);
  const height = seen(w.outHeight, w.inHeight, filterHeight, w.strideHeight, padInfo.top);
  const width = seen(w.outWidth, w.inWidth, filterWidth, w.strideWidth, padInfo.left);
  const area = tf.mul(alongAxis(height, 2, 5), alongAxis(width, 3, 5));
  const volume = filterDepth * filterHeight * filterWidth;
  return tf.div(tf.mul(dy, volume), tf.mul(alongAxis(depth, 1, 5), area));
};

const maxPool = (kernelName: string, back: string): tf.GradConfig =>
  rule(kernelName, { inputs: ['x'], output: true }, (dy, [input, output], attrs) => ({
    x: () => run(back, { dy, input, output }, attrs),
  }));

const pools: readonly tf.GradConfig[] = [
  maxPool(tf.MaxPool, tf.MaxPoolGrad),
  maxPool(tf.MaxPool3D, tf.MaxPool3DGrad),
  rule<tf.AvgPoolAttrs>(tf.AvgPool, { inputs: ['x'] }, (dy, [input], attrs) => ({
    x: () => run(tf.AvgPoolGrad, { dy: weighted2d(dy, input, attrs), input }, attrs),
  })),
  rule<tf.AvgPool3DAttrs>(tf.AvgPool3D, { inputs: ['x'] }, (dy, [input], attrs) => ({
    x: () => run(tf.AvgPool3DGrad, { dy: weighted3d(dy, input, attrs), input }, attrs),
  })),
];

export const windows = [...convolutions, ...pools];
