/**
 * Whole numbers and booleans in kernels of the wasm backend that know floats only: stock ones give what happened to lie in
 * memory for them, or write four bytes for each boolean.
 */
import * as tf from '@tensorflow/tfjs-core';
import { shapeKernels, type Spec } from '../shapes/index.js';
import { allocate, type BackendWasm, views } from './heap.js';
import { replace } from './register.js';

type T = tf.Tensor;
type Inputs = Readonly<Record<string, T>>;

/** The dtype of a kernel's first result, as a program that is traced has it. */
const dtypeOf = (kernelName: string, inputs: object, attrs: object): tf.DataType =>
  [(shapeKernels[kernelName] as (inputs: object, attrs: object) => Spec | Spec[])(inputs, attrs)].flat()[0]
    .dtype;

/** Runs kernels on other dtypes than those in `taken` as `cast`, and gives the result the dtype that it should have. */
const through = (
  cast: 'float32' | 'int32',
  taken: readonly tf.DataType[],
  kernelNames: readonly string[],
): void =>
  kernelNames.forEach((kernelName) =>
    replace<Inputs>('wasm', kernelName, (inputs, attrs, _backend, stock) => {
      if (Object.values(inputs).every(({ dtype }) => taken.includes(dtype))) return stock(inputs, attrs);
      const moved = Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, tf.cast(x, cast)]));
      const dtype = dtypeOf(kernelName, inputs, attrs);
      const result = stock(moved, attrs);
      return tf.cast(dtype === 'bool' ? tf.cast(result, 'int32') : result, dtype);
    }),
  );

const floatsOnly = [
  ...[tf.Exp, tf.Expm1, tf.Log1p, tf.Reciprocal, tf.Softplus, tf.Selu, tf.LeakyRelu],
  ...[tf.Asin, tf.Acos, tf.Atan, tf.Sinh, tf.Asinh, tf.Acosh, tf.Atanh, tf.IsNan, tf.IsInf, tf.IsFinite],
  tf.ResizeNearestNeighbor,
];

const noBooleans = [
  ...[
    tf.Abs,
    tf.Neg,
    tf.Square,
    tf.Round,
    tf.Sign,
    tf.Relu,
    tf.Relu6,
    tf.Step,
    tf.Mod,
    tf.Atan2,
    tf.FloorDiv,
  ],
  ...[tf.Reverse, tf.StridedSlice, tf.Cumsum, tf.Cumprod],
];

/** Clipped whole numbers and booleans, element by element. */
const registerClip = (): void =>
  replace<{ x: T }, tf.ClipByValueAttrs, BackendWasm>(
    'wasm',
    tf.ClipByValue,
    ({ x }, attrs, backend, stock) => {
      if (x.dtype === 'float32') return stock({ x }, attrs);
      const out = allocate(backend, x.shape, x.dtype);
      const [from, to] = views(backend, [x, out]);
      from.forEach((value, i) => (to[i] = Math.min(Math.max(value, attrs.clipValueMin), attrs.clipValueMax)));
      return out;
    },
  );

/** One of two booleans, and the largest of booleans, which stock takes for numbers of four bytes. */
const registerChoices = (): void => {
  replace<{ condition: T; t: T; e: T }>('wasm', tf.Select, ({ condition, t, e }, attrs, _backend, stock) => {
    if (t.dtype !== 'bool') return stock({ condition, t, e }, attrs);
    return tf.cast(stock({ condition, t: tf.cast(t, 'int32'), e: tf.cast(e, 'int32') }, attrs), 'bool');
  });
  replace<{ x: T }, tf.TopKAttrs, tf.KernelBackend, readonly T[]>(
    'wasm',
    tf.TopK,
    ({ x }, attrs, _backend, stock) => {
      if (x.dtype !== 'bool') return stock({ x }, attrs);
      const [values, places] = stock({ x: tf.cast(x, 'int32') }, attrs);
      return [tf.cast(values, 'bool'), places];
    },
  );
};

/** Strided slices of whole numbers, whose bytes stock copies and calls floats. */
const registerSlice = (): void =>
  replace<{ x: T }, tf.StridedSliceAttrs, BackendWasm>(
    'wasm',
    tf.StridedSlice,
    ({ x }, attrs, backend, stock) => {
      const sliced = stock({ x }, attrs);
      if (sliced.dtype === x.dtype) return sliced;
      const out = allocate(backend, sliced.shape, x.dtype);
      const [from, to] = views(backend, [sliced, out]);
      new Int32Array(to.buffer, to.byteOffset, to.length).set(
        new Int32Array(from.buffer, from.byteOffset, from.length),
      );
      return out;
    },
  );

/** Numbers where an index is: stock writes whole ones, whatever the dtype. */
const registerOneHot = (): void =>
  replace<{ indices: T }, tf.OneHotAttrs>('wasm', tf.OneHot, ({ indices }, attrs, _backend, stock) => {
    const { dtype, onValue, offValue, depth } = attrs;
    const shape = [...indices.shape, depth];
    if (indices.size === 0) return tf.zeros(shape, dtype as 'float32');
    if (dtype === 'int32') return stock({ indices }, attrs);
    const isThere = stock({ indices }, { ...attrs, dtype: 'int32', onValue: 1, offValue: 0 });
    const chosen = tf.where(tf.cast(isThere, 'bool'), tf.fill(shape, onValue), tf.fill(shape, offValue));
    return tf.cast(chosen, dtype);
  });

/** Products and logic of nothing, of which stock gives what happened to lie in memory. */
const registerNothing = (): void =>
  (
    [
      [tf.Prod, 1],
      [tf.Any, 0],
      [tf.All, 1],
    ] as const
  ).forEach(([kernelName, ofNothing]) =>
    replace<{ x: T }, tf.ProdAttrs & { keepDims: boolean }>(
      'wasm',
      kernelName,
      ({ x }, attrs, _backend, stock) => {
        if (x.size > 0) return stock({ x }, attrs);
        const axes = tf.util.parseAxisParam(attrs.axis, x.shape);
        const shape = x.shape
          .map((n, axis) => (axes.includes(axis) ? 1 : n))
          .filter((_, axis) => attrs.keepDims || !axes.includes(axis));
        return tf.fill(shape, ofNothing, dtypeOf(kernelName, { x }, attrs) as 'float32');
      },
    ),
  );

export const registerDtypes = (): void => {
  registerSlice();
  through('float32', ['float32'], floatsOnly);
  through('int32', ['float32', 'int32', 'string'], noBooleans);
  registerClip();
  registerChoices();
  registerOneHot();
  registerNothing();
};
