/**
 * The batched matrix product by tfjs's stock kernels, for where our own do not run. The wasm backend's is fast (XNNPACK) only for one product of two
 * matrices as they lie; batches and transposed operands go through a scalar loop. Here they are brought into that
 * form: what lies wrong is transposed, and each product of a batch is a call on parts of the heap.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, type BackendWasm, views } from './heap.js';
import { replace, type Stock } from './register.js';

type T = tf.Tensor;

export interface Operands {
  readonly a: T;
  readonly b: T;
}

/** tfjs's own product: a and b as id, shape and rank; whether each is transposed; the result's id. */
type Multiply = (
  ...args: [number, Uint8Array, number, number, Uint8Array, number, boolean, boolean, number]
) => void;

/** The part of the wasm module that its published type leaves out. */
interface Emscripten {
  cwrap(name: string, returns: null, types: readonly string[]): Multiply;
  readonly tfjs: { disposeData(id: number): void };
}

const argumentTypes = [
  'number',
  'array',
  'number',
  'number',
  'array',
  'number',
  'number',
  'number',
  'number',
];

/** The time to prepare a call, and each product of it, in multiplications of the scalar loop (measured). */
const preparation = { call: 60_000, product: 2_048 };

/** Matrices one after the other on the heap. */
interface Matrices {
  readonly tensor: T;
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
}

const matricesOf = (tensor: T): Matrices => {
  const [rows, columns] = tensor.shape.slice(-2);
  return { tensor, count: tf.util.sizeFromShape(tensor.shape.slice(0, -2)), rows, columns };
};

const transposed = ({ tensor, count, rows, columns }: Matrices): Matrices => ({
  tensor: tf.transpose(tf.reshape(tensor, [count, rows, columns]), [0, 2, 1]),
  count,
  rows: columns,
  columns: rows,
});

const bytesOf = (shape: number[]): Uint8Array => new Uint8Array(Int32Array.from(shape).buffer);

/** Runs with tensors that are parts of others' memory: known to the kernels by id, and never freed. */
const withParts = (
  backend: BackendWasm,
  { tensor, count, rows, columns }: Matrices,
  run: (ids: number[]) => void,
): void => {
  const start = backend.getMemoryOffset(tensor.dataId);
  const parts = Array.from({ length: count }, (_, i) =>
    backend.makeOutput(
      [rows, columns],
      'float32',
      start + i * rows * columns * Float32Array.BYTES_PER_ELEMENT,
    ),
  );
  const ids = parts.map(({ dataId }) => backend.dataIdMap.get(dataId).id);
  run(ids);
  // This also drops what XNNPACK prepared for the part; disposing of the tensor would free the memory as well.
  const { disposeData } = (backend.wasm as unknown as Emscripten).tfjs;
  parts.forEach(({ dataId }, i) => {
    disposeData(ids[i]);
    backend.dataIdMap.delete(dataId);
  });
};

/** The shape that the data of a right operand had the first time. */
const packedAs = new WeakMap<object, string>();

/**
 * A right operand that XNNPACK may multiply by. It keeps what it packed by the data, and a reshaped tensor has the same
 * data: used as another matrix it would be taken for the first one, and read past its end. So it gets data of its own.
 */
const packable = (backend: BackendWasm, right: T): T => {
  const shape = right.shape.slice(-2).join();
  const first = packedAs.get(right.dataId) ?? shape;
  packedAs.set(right.dataId, first);
  if (first === shape) return right;
  const copy = allocate(backend, right.shape);
  const [from, to] = views(backend, [right, copy]);
  to.set(from);
  return copy;
};

/** left · right, matrix by matrix, or each with the only one: [count, left.rows, right.columns] */
const multiplyEach = (backend: BackendWasm, multiply: Multiply, left: Matrices, right: Matrices): T => {
  const [m, k, n] = [left.rows, left.columns, right.columns];
  const out = allocate(backend, [Math.max(left.count, right.count), m, n]);
  const idOf = (tensor: T): number => backend.dataIdMap.get(tensor.dataId).id;
  const product = (a: number, rows: number, b: number, to: number): void =>
    multiply(a, bytesOf([1, rows, k]), 3, b, bytesOf([1, k, n]), 3, false, false, to);
  if (right.count === 1) {
    // One matrix on the right: the rows of all those on the left in one product.
    product(idOf(left.tensor), left.count * m, idOf(packable(backend, right.tensor)), idOf(out));
    return out;
  }
  withParts(backend, left, (lefts) =>
    withParts(backend, right, (rights) =>
      withParts(backend, matricesOf(out), (outs) =>
        outs.forEach((to, i) => product(lefts[left.count === 1 ? 0 : i], m, rights[i], to)),
      ),
    ),
  );
  return out;
};

/** a · b by XNNPACK, or (bᵀ · aᵀ)ᵀ where that moves fewer elements around. */
const multiplyFast = (
  backend: BackendWasm,
  multiply: Multiply,
  a: T,
  b: T,
  attrs: tf.BatchMatMulAttrs,
): T => {
  const { transposeA, transposeB } = attrs;
  const [left, right] = [matricesOf(a), matricesOf(b)];
  const outRows = transposeA ? left.columns : left.rows;
  const outColumns = transposeB ? right.rows : right.columns;
  const outSize = Math.max(left.count, right.count) * outRows * outColumns;
  // The right operand is also packed by XNNPACK, which costs about as much as to transpose it.
  const asItIs = (transposeA ? a.size : 0) + (transposeB ? b.size : 0) + b.size;
  const swapped = (transposeA ? 0 : a.size) + (transposeB ? 0 : b.size) + a.size + outSize;
  if (asItIs <= swapped) {
    const [l, r] = [transposeA ? transposed(left) : left, transposeB ? transposed(right) : right];
    return multiplyEach(backend, multiply, l, r);
  }
  const [l, r] = [transposeB ? right : transposed(right), transposeA ? left : transposed(left)];
  return transposed(matricesOf(multiplyEach(backend, multiply, l, r))).tensor;
};

export const batchOf = ({ shape }: Pick<T, 'shape'>): number[] => shape.slice(0, -2);

/** Either the same batch twice, or one matrix for a whole batch: all that tfjs's kernels know. */
const isSimpleBatch = (a: T, b: T): boolean =>
  tf.util.arraysEqual(batchOf(a), batchOf(b)) ||
  tf.util.sizeFromShape(batchOf(a)) === 1 ||
  tf.util.sizeFromShape(batchOf(b)) === 1;

/** Both operands with the batch of the result, unless their batches are simple. */
const broadcastBatches = (a: T, b: T): readonly [T, T] => {
  if (isSimpleBatch(a, b)) return [a, b];
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchOf(a), batchOf(b));
  const wide = (x: T): T => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
  return [wide(a), wide(b)];
};

/**
 * The result's shape.
 * @throws Error when a and b differ in what is summed over
 */
export const shapeOf = (
  a: Pick<T, 'shape'>,
  b: Pick<T, 'shape'>,
  { transposeA, transposeB }: tf.BatchMatMulAttrs,
): number[] => {
  const [rows, inner] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
  const [innerB, columns] = transposeB ? b.shape.slice(-2).reverse() : b.shape.slice(-2);
  if (inner !== innerB)
    throw new Error(`matMul: [${a.shape}] and [${b.shape}] differ in what is summed over`);
  return [...tf.broadcast_util.assertAndGetBroadcastShape(batchOf(a), batchOf(b)), rows, columns];
};

/** True where the scalar loop is done before XNNPACK would have begun. */
const isCheap = (a: T, b: T, attrs: tf.BatchMatMulAttrs): boolean => {
  const [rows, columns] = shapeOf(a, b, attrs).slice(-2);
  const [countA, countB] = [a, b].map((x) => tf.util.sizeFromShape(batchOf(x)));
  const count = Math.max(countA, countB);
  // Packing a right operand that lies right costs as much as multiplying three rows by it.
  if (countB > 1 && !attrs.transposeB && rows < 3) return true;
  const multiplications = (a.size / countA) * columns;
  return count * (multiplications - preparation.product) < preparation.call;
};

/** The kernel that XNNPACK multiplies with, looked up once for each backend. */
const multipliers = new WeakMap<BackendWasm, Multiply>();

const multiplierOf = (backend: BackendWasm): Multiply => {
  const emscripten = backend.wasm as unknown as Emscripten;
  const multiply = multipliers.get(backend) ?? emscripten.cwrap(tf.BatchMatMul, null, argumentTypes);
  multipliers.set(backend, multiply);
  return multiply;
};

/** The product by tfjs's own kernels. */
export const stockProduct = (
  inputs: Operands,
  attrs: tf.BatchMatMulAttrs,
  backend: BackendWasm,
  stock: Stock<Operands, tf.BatchMatMulAttrs>,
): T => {
  const [a, b] = broadcastBatches(inputs.a, inputs.b);
  // The stock kernel says what is wrong with another dtype.
  const isFloat = a.dtype === 'float32' && b.dtype === 'float32';
  if (!isFloat) return stock({ a, b }, attrs);
  if (isCheap(a, b, attrs)) return stock({ a, b: packable(backend, b) }, attrs);
  const product = multiplyFast(backend, multiplierOf(backend), a, b, attrs);
  return tf.reshape(product, shapeOf(inputs.a, inputs.b, attrs));
};

/** The cpu backend's product is wrong for batches that both are broadcast: [2, 1] and [3]. */
export const registerForCpu = (): void => {
  replace<Operands, tf.BatchMatMulAttrs>('cpu', tf.BatchMatMul, (inputs, attrs, _backend, stock) => {
    const [a, b] = broadcastBatches(inputs.a, inputs.b);
    return stock({ a, b }, attrs);
  });
};
