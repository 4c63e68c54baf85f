/**
 * Transpose for the wasm backend: axes that stay together are taken as one, and our kernel does the rest. The stock one
 * takes twenty nanoseconds an element where lines become columns, and a hundred with more than four axes.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, reshaped, views, type BackendWasm } from './heap.js';
import { addressesOf, computeOwn, type Own, wakeFor } from './own.js';
import { replace } from './register.js';

interface Permutation {
  readonly shape: number[];
  readonly perm: number[];
}

/** The same permutation with as few axes as it can have. */
export const merged = ({ shape, perm }: Permutation): Permutation => {
  const order = perm.filter((axis) => shape[axis] !== 1);
  // Runs of axes that follow one another before and after.
  const following = (axis: number): number => shape.findIndex((n, i) => i > axis && n !== 1);
  const runs: number[][] = [];
  order.forEach((axis, i) => {
    if (i > 0 && following(order[i - 1]) === axis) runs[runs.length - 1].push(axis);
    else runs.push([axis]);
  });
  const sorted = [...runs].sort(([a], [b]) => a - b);
  return {
    shape: sorted.map((run) => run.reduce((size, axis) => size * shape[axis], 1)),
    perm: runs.map((run) => sorted.indexOf(run)),
  };
};

/** Reads x in the order of the permuted axes. */
export const permute = (x: tf.TypedArray, { shape, perm }: Permutation, out: tf.TypedArray): void => {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((size, n) => size * n, 1));
  const [sizes, steps] = [perm.map((axis) => shape[axis]), perm.map((axis) => strides[axis])];
  const last = perm.length - 1;
  if (last < 0) return void out.set(x);
  const position = sizes.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length;) {
    for (let i = 0; i < sizes[last]; i += 1) out[to++] = x[from + i * steps[last]];
    for (let axis = last - 1; axis >= 0; axis -= 1) {
      from += steps[axis];
      position[axis] += 1;
      if (position[axis] < sizes[axis]) break;
      from -= steps[axis] * sizes[axis];
      position[axis] = 0;
    }
  }
};

/** Axes that our kernel steps through, at most; two of them are its lines. */
const mostAxes = 6;
/** Axes that the stock kernel is fast with, at most. */
const mostOfStock = 4;

/** A permutation as the arguments of our kernel; see assembly/transpose.ts. */
export const lines = ({ shape, perm }: Permutation): number[] => {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((size, n) => size * n, 1));
  const sizes = perm.map((axis) => shape[axis]);
  const steps = sizes.map((_, i) => sizes.slice(i + 1).reduce((size, n) => size * n, 1)); // strides of the result
  const last = shape.length - 1;
  const isRun = perm[last] === last;
  // The axis of the result that its lines go along, or that runs follow one another in, and the one of x's lines.
  const along = isRun ? last - 1 : last;
  const across = perm.indexOf(last);
  const outer = perm.map((_, i) => i).filter((i) => i !== along && i !== across);
  const four = (values: number[], missing: number): number[] => [
    ...Array<number>(mostAxes - 2 - values.length).fill(missing),
    ...values,
  ];
  const ends = isRun ? [sizes[last], 1, 0] : [1, sizes[across], steps[across]];
  return [
    ...four(
      outer.map((i) => sizes[i]),
      1,
    ),
    ...four(
      outer.map((i) => strides[perm[i]]),
      0,
    ),
    ...four(
      outer.map((i) => steps[i]),
      0,
    ),
    ...[...ends, sizes[along], strides[perm[along]]],
  ];
};

const isOfFourBytes = ({ dtype }: tf.Tensor): boolean => dtype === 'float32' || dtype === 'int32';

/** A permutation that moves something, by our kernel. */
const transposed = (
  { native, backend }: Own,
  x: tf.Tensor,
  least: Permutation,
  shape: number[],
): tf.Tensor | undefined => {
  if (!isOfFourBytes(x) || least.perm.length > mostAxes) return undefined;
  const out = allocate(backend, shape, x.dtype);
  wakeFor(native, x.size);
  native.exports.transpose(...addressesOf(backend, [x, out]), ...lines(least));
  return out;
};

/** A loop in JavaScript, for axes that the stock kernel is slow with. */
const looped = (backend: BackendWasm, x: tf.Tensor, least: Permutation, shape: number[]): tf.Tensor => {
  const out = allocate(backend, shape, x.dtype);
  const [from, to] = views(backend, [x, out]);
  permute(from, least, to);
  return out;
};

export const registerTranspose = (): void =>
  replace<{ x: tf.Tensor }, tf.TransposeAttrs, BackendWasm>(
    'wasm',
    tf.Transpose,
    ({ x }, { perm }, backend, stock) => {
      const shape = perm.map((axis) => x.shape[axis]);
      if (x.size === 0) return tf.zeros(shape, x.dtype as 'float32');
      const least = merged({ shape: x.shape, perm });
      if (least.perm.length <= 1) return reshaped(backend, x, shape);
      const ours = computeOwn(backend, (own) => transposed(own, x, least, shape));
      if (ours) return ours;
      if (least.perm.length > mostOfStock) return looped(backend, x, least, shape);
      return tf.reshape(stock({ x: tf.reshape(x, least.shape) }, { perm: least.perm }), shape);
    },
  );
