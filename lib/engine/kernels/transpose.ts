/**
 * Transpose for the wasm backend. The stock kernel is fast up to four axes and a hundred nanoseconds an element
 * beyond, so axes that stay together are taken as one, and what then still has more than four goes through a loop.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, views, type BackendWasm } from './heap.js';
import { register } from './register.js';

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

const mostAxes = 4;

export const registerTranspose = (): void => {
  const stock = tf.getKernel(tf.Transpose, 'wasm');
  register<{ x: tf.Tensor }, tf.TransposeAttrs, BackendWasm>(
    'wasm',
    tf.Transpose,
    ({ x }, { perm }, backend) => {
      const shape = perm.map((axis) => x.shape[axis]);
      const least = merged({ shape: x.shape, perm });
      if (x.size > 0 && least.perm.length > mostAxes) {
        const out = allocate(backend, shape, x.dtype);
        const [from, to] = views(backend, [x, out]);
        permute(from, least, to);
        return out;
      }
      const flat = { dataId: x.dataId, shape: least.shape, dtype: x.dtype };
      const attrs = { perm: least.perm };
      const info = stock.kernelFunc({ inputs: { x: flat }, attrs, backend }) as tf.TensorInfo;
      return tf.engine().makeTensorFromTensorInfo({ ...info, shape }, backend);
    },
    stock.setupFunc,
  );
};
