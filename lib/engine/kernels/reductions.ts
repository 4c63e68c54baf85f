/**
 * Sums, means, maxima and minima for the wasm backend. The stock kernels take a nanosecond an element over the last
 * axis and twenty over others; of nothing they give what happened to lie in memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, type BackendWasm, reshaped } from './heap.js';
import { addressesOf, computeOwn, isFull, type Own, wakeFor } from './own.js';
import { replace } from './register.js';

type T = tf.Tensor;

/** The numbers of operations in assembly/reduce.ts. */
const numbers = { sum: 0, maximum: 1, minimum: 2 } as const;

/** A tensor seen as [outer, steps, inner]. */
interface Run {
  readonly outer: number;
  readonly steps: number;
  readonly inner: number;
}

/** Runs of reduced axes that lie side by side, the last first; axes of size 1 are no matter. */
export const runsOf = (shape: readonly number[], axes: readonly number[]): Run[] => {
  const runs: Run[] = [];
  let [inner, steps] = [1, 1];
  const close = (outer: number): void => {
    if (steps > 1) runs.push({ outer, steps, inner });
    steps = 1;
  };
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    if (axes.includes(axis)) {
      steps *= shape[axis];
      continue;
    }
    if (shape[axis] === 1) continue;
    close(shape.slice(0, axis + 1).reduce((size, n) => size * n, 1));
    inner *= shape[axis];
  }
  close(1);
  return runs;
};

const reduceRun = (
  own: Own,
  operation: number,
  x: tf.TensorInfo,
  run: Run,
  divisor: number,
  shape: number[],
): T => {
  const { native, backend } = own;
  const { outer, steps, inner } = run;
  const needs = native.exports.reduceNeeds(outer, steps, inner);
  const partial = needs > 0 ? allocate(backend, [needs]) : undefined;
  const out = allocate(backend, shape);
  wakeFor(native, outer * steps * inner);
  const addresses = addressesOf(backend, [x, partial, out]);
  native.exports.reduce(operation, ...addresses, outer, steps, inner, divisor);
  return out;
};

/** The sum of the rows of a matrix [rows, columns]: [columns]. */
export const sumOfRows = (own: Own, x: tf.TensorInfo): T => {
  const [steps, inner] = x.shape;
  return reduceRun(own, numbers.sum, x, { outer: 1, steps, inner }, 1, [inner]);
};

/** Reduces run after run; what is divided is divided with the last. */
const reduceAll = (
  own: Own,
  operation: number,
  x: T,
  runs: readonly Run[],
  isMean: boolean,
  shape: number[],
): T =>
  runs.reduce((y, run, i) => {
    const isLast = i === runs.length - 1;
    const divisor = isMean && isLast ? x.size / (run.outer * run.inner) : 1;
    return reduceRun(own, operation, y, run, divisor, isLast ? shape : [run.outer * run.inner]);
  }, x);

interface Kind<A> {
  readonly kernelName: string;
  readonly operation: number;
  readonly axes: (attrs: A) => number | number[];
  readonly isMean?: boolean;
  /** The result of no elements, as on the cpu backend. */
  readonly ofNothing: number;
}

/** A reduction's kernel: ours for floats, where it runs; stock's for others, and never of nothing. */
const registerReduction = <A extends { readonly keepDims?: boolean }>(kind: Kind<A>): void => {
  const { kernelName, operation, ofNothing } = kind;
  const compute = (x: T, axes: number[], shape: number[], own: Own): T | undefined => {
    if (!isFull(x)) return undefined;
    const runs = runsOf(x.shape, axes);
    if (runs.length === 0) return reshaped(own.backend, x, shape);
    return reduceAll(own, operation, x, runs, kind.isMean ?? false, shape);
  };
  replace<{ x: T }, A, BackendWasm>('wasm', kernelName, ({ x }, attrs, backend, stock) => {
    const axes = tf.util.parseAxisParam(kind.axes(attrs), x.shape);
    const shape = x.shape
      .map((n, axis) => (axes.includes(axis) ? 1 : n))
      .filter((_, axis) => (attrs.keepDims ?? false) || !axes.includes(axis));
    if (x.size === 0) return tf.fill(shape, ofNothing, kind.isMean ? 'float32' : (x.dtype as 'float32'));
    const ours = computeOwn(backend, (own) => compute(x, axes, shape, own));
    return ours ?? stock({ x }, attrs);
  });
};

export const registerReductions = (): void => {
  const { sum, maximum, minimum } = numbers;
  const axisOf = ({ axis }: { axis: number | number[] }) => axis;
  registerReduction<tf.SumAttrs>({ kernelName: tf.Sum, operation: sum, axes: axisOf, ofNothing: 0 });
  registerReduction<tf.MeanAttrs>({
    kernelName: tf.Mean,
    operation: sum,
    axes: axisOf,
    isMean: true,
    ofNothing: 0,
  });
  registerReduction<tf.MinAttrs>({ kernelName: tf.Min, operation: minimum, axes: axisOf, ofNothing: NaN });
  registerReduction<tf.MaxAttrs>({
    kernelName: tf.Max,
    operation: maximum,
    axes: ({ reductionIndices }) => reductionIndices,
    ofNothing: NaN,
  });
};
