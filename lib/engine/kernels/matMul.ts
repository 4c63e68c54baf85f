/**
 * The batched matrix product for the wasm backend, by our own kernel: every transpose, broadcast batches, and a bias,
 * an activation and a residual on the way out.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Native, roomForPacking } from '../wasm/native.js';
import { addressOf, allocate, type BackendWasm, views } from './heap.js';
import { computeOwn, isFull } from './own.js';
import { replace } from './register.js';
import { batchOf, type Operands, registerForCpu, shapeOf, stockProduct } from './stockMatMul.js';

type T = tf.Tensor;

/** A matrix or a batch of them on the heap. */
export type Operand = Pick<T, 'dataId' | 'dtype' | 'shape'>;

/** The operations on a product before it is stored; see assembly/activation.ts for the numbers of activations. */
interface Finish {
  readonly bias?: T;
  readonly activation?: number;
  readonly residual?: T;
}

/** Multiplications below which it is not worth to wake another thread. */
const worthThreads = 2 ** 20;

/** Offsets in bytes of each pair of matrices of a batch: those of broadcast dimensions do not move. */
const offsetsOf = (backend: BackendWasm, a: Operand, b: Operand, batch: readonly number[]): T => {
  const table = allocate(backend, [tf.util.sizeFromShape([...batch]), 2], 'int32');
  const [view] = views(backend, [table]);
  [a, b].forEach((x, operand) => {
    const bytes = x.shape.slice(-2).reduce((size, n) => size * n, Float32Array.BYTES_PER_ELEMENT);
    const own = batchOf(x);
    const padded = [...batch.slice(own.length).map(() => 1), ...own];
    const strides = padded.map((n, axis) => (n === 1 ? 0 : tf.util.sizeFromShape(padded.slice(axis + 1))));
    for (let i = 0; i * 2 < view.length; i += 1) {
      let [rest, index] = [i, 0];
      for (let axis = batch.length - 1; axis >= 0; axis -= 1) {
        index += (rest % batch[axis]) * strides[axis];
        rest = Math.floor(rest / batch[axis]);
      }
      view[i * 2 + operand] = index * bytes;
    }
  });
  return table;
};

/** a · b of float32, not empty. */
export const multiply = (
  { exports, pool, packed }: Native,
  backend: BackendWasm,
  { a, b }: Readonly<Record<'a' | 'b', Operand>>,
  attrs: tf.BatchMatMulAttrs,
  { bias, activation = 0, residual }: Finish = {},
): T => {
  const shape = shapeOf(a, b, attrs);
  const { transposeA, transposeB } = attrs;
  const [n, k] = [shape[shape.length - 1], a.shape[a.shape.length - (transposeA ? 2 : 1)]];
  const batch = shape.slice(0, -2);
  const isShared = tf.util.sizeFromShape(batchOf(b)) === 1 && !transposeA;
  const count = isShared ? 1 : tf.util.sizeFromShape(batch);
  const m = tf.util.sizeFromShape(shape) / n / count;
  const offsets = count > 1 ? offsetsOf(backend, a, b, batch) : undefined;
  const out = allocate(backend, shape);
  if (count * m * n * k > worthThreads) pool.wake();
  const address = (x: Operand | undefined): number => (x ? addressOf(backend, x) : 0);
  exports.matMul(
    ...[address(a), address(b), address(out), address(offsets), count, m, k, n],
    ...[transposeA ? 1 : 0, transposeB ? 1 : 0, address(bias), activation, address(residual)],
    ...[packed(), roomForPacking],
  );
  return out;
};

export const registerMatMul = (): void => {
  replace<Operands, tf.BatchMatMulAttrs, BackendWasm>(
    'wasm',
    tf.BatchMatMul,
    (inputs, attrs, backend, stock) => {
      const { a, b } = inputs;
      if (a.size === 0 || b.size === 0) return tf.zeros(shapeOf(a, b, attrs));
      const ours = computeOwn(backend, ({ native }) =>
        isFull(a, b) ? multiply(native, backend, inputs, attrs) : undefined,
      );
      return ours ?? stockProduct(inputs, attrs, backend, stock);
    },
  );
  registerForCpu();
};
