/**
 * NaN as NumPy and JAX have it, in kernels of tfjs that lose it: clipping, extremes and pools give NaN for NaN, the sign of
 * NaN is NaN, and NaN counts as the largest and as the smallest of a row, the first one before others. Inputs whose sum is
 * finite hold none, and are left to the kernel.
 */
import * as tf from '@tensorflow/tfjs-core';
import { replace, type Stock } from './register.js';

type T = tf.Tensor;
type Inputs = Readonly<Record<string, T>>;

const isFinite = (x: T | undefined): boolean =>
  x === undefined || x.dtype !== 'float32' || Number.isFinite(tf.sum(x).dataSync()[0]);

/** Registers what a kernel gives for inputs that may hold NaN. */
const keepNaN = <I extends object, A = object, R extends T | readonly T[] = T>(
  backends: readonly string[],
  kernelName: string,
  compute: (inputs: I, attrs: A, stock: Stock<I, A, R>) => R,
): void =>
  backends.forEach((backendName) =>
    replace<I, A, tf.KernelBackend, R>(backendName, kernelName, (inputs, attrs, _backend, stock) =>
      Object.values(inputs as Inputs).every(isFinite) ? stock(inputs, attrs) : compute(inputs, attrs, stock),
    ),
  );

/** 1 in the places of NaN, 0 in others. */
const marks = (x: T): T => tf.cast(tf.isNaN(x), 'float32');

const withNaN = (isOdd: T, x: T): T => tf.where(isOdd, tf.fill(x.shape, NaN), x);

const registerElementwise = (): void => {
  for (const kernelName of [tf.Relu, tf.Relu6, tf.ClipByValue])
    keepNaN<{ x: T }>(['wasm'], kernelName, ({ x }, attrs, stock) =>
      tf.where(tf.isNaN(x), x, stock({ x }, attrs)),
    );
  keepNaN<{ x: T }>(['wasm', 'cpu'], tf.Sign, ({ x }, attrs, stock) =>
    tf.where(tf.isNaN(x), x, stock({ x }, attrs)),
  );
  for (const kernelName of [tf.Maximum, tf.Minimum])
    keepNaN<Record<'a' | 'b', T>>(['wasm'], kernelName, ({ a, b }, attrs, stock) =>
      withNaN(tf.logicalOr(tf.isNaN(a), tf.isNaN(b)), stock({ a, b }, attrs)),
    );
};

const activations: Readonly<Record<string, (x: T) => T>> = { relu: tf.relu, relu6: tf.relu6 };

/** Products and convolutions with an activation that clips: finite inputs may have NaN for a product, too. */
const registerProducts = (): void =>
  [tf._FusedMatMul, tf.FusedConv2D, tf.FusedDepthwiseConv2D].forEach((kernelName) =>
    replace<Inputs, tf._FusedMatMulAttrs>('wasm', kernelName, (inputs, attrs, _backend, stock) => {
      const activate = activations[attrs.activation];
      return activate ? activate(stock(inputs, { ...attrs, activation: 'linear' })) : stock(inputs, attrs);
    }),
  );

/** Slopes of any shape that broadcasts; the stock kernel takes one for each channel, and loses NaN among them. */
const registerPrelu = (): void =>
  replace<Record<'x' | 'alpha', T>>('wasm', tf.Prelu, ({ x, alpha }) => {
    const floats = tf.cast(x, 'float32');
    return tf.where(tf.less(floats, 0), tf.mul(floats, alpha), floats);
  });

/** Windows that see NaN; a window beside the edge sees no more than what lies inside. */
const registerPools = (): void =>
  [tf.MaxPool, tf.AvgPool, tf.MaxPool3D].forEach((kernelName) =>
    keepNaN<{ x: T }>(['wasm', 'cpu'], kernelName, ({ x }, attrs, stock) =>
      withNaN(tf.greater(stock({ x: marks(x) }, attrs), 0), stock({ x }, attrs)),
    ),
  );

const registerPlaces = (): void =>
  [tf.ArgMax, tf.ArgMin].forEach((kernelName) =>
    keepNaN<{ x: T }, tf.ArgMaxAttrs>(['wasm', 'cpu'], kernelName, ({ x }, attrs, stock) => {
      const odd = marks(x);
      const isOdd = tf.greater(tf.max(odd, attrs.axis), 0);
      return tf.where(isOdd, tf.argMax(odd, attrs.axis), stock({ x }, attrs));
    }),
  );

type Values = ArrayLike<number>;

/** The places of a row in falling order: NaN first, and the first of equal ones first. */
const fallingOrder = (row: Values): number[] => {
  const rank = (place: number): number => (Number.isNaN(row[place]) ? 1 : 0);
  const order = (a: number, b: number): number => rank(b) - rank(a) || row[b] - row[a] || a - b;
  return Array.from(row, (_, place) => place).sort(order);
};

/** The largest of each row of the last axis, and their places. */
const largest = (x: T, k: number): readonly [values: T, places: T] => {
  const [values, length] = [x.dataSync<'float32'>(), x.shape.at(-1) as number];
  const rows = Array.from({ length: x.size / length }, (_, i) =>
    values.subarray(i * length, (i + 1) * length),
  );
  const places = rows.map((row) => fallingOrder(row).slice(0, k));
  const found = places.flatMap((chosen, i) => chosen.map((place) => rows[i][place]));
  const shape = [...x.shape.slice(0, -1), k];
  return [tf.tensor(found, shape), tf.tensor(places.flat(), shape, 'int32')];
};

const registerLargest = (): void =>
  keepNaN<{ x: T }, tf.TopKAttrs, readonly T[]>(['wasm', 'cpu'], tf.TopK, ({ x }, { k }) => largest(x, k));

/** Quotients of floats rounded down: in plain JavaScript they were integers, which have no NaN. */
const registerQuotient = (): void =>
  replace<Record<'a' | 'b', T>>('cpu', tf.FloorDiv, ({ a, b }, attrs, _backend, stock) =>
    a.dtype === 'float32' ? tf.floor(tf.div(a, b)) : stock({ a, b }, attrs),
  );

export const registerNaN = (): void => {
  registerElementwise();
  registerProducts();
  registerPrelu();
  registerPools();
  registerPlaces();
  registerLargest();
  registerQuotient();
};
