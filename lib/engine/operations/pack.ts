/**
 * Many arrays as one matrix and back, with the sum of each array and the choice between two tensors: what a step of
 * training does to all parameters at once. Each array begins a row of the matrix; the rest of its last row is zeros.
 */
import * as tf from '@tensorflow/tfjs-core';
import { operation } from './operation.js';

/** The arrays in a matrix: their shapes, and the row at which each begins. */
export interface PackAttributes {
  readonly shapes: readonly (readonly number[])[];
  readonly starts: readonly number[];
  /** Rows of the matrix, and numbers in a row. */
  readonly rows: number;
  readonly width: number;
}

type Arrays = Readonly<Record<string, tf.Tensor>>;
type Matrix = { readonly x: tf.Tensor };

/** The names of the kernels. */
export const packKernel = 'RengaPack';
export const unpackKernel = 'RengaUnpack';
export const sumsKernel = 'RengaSums';
export const chooseKernel = 'RengaChoose';

/** The numbers of the rows of each array, the padding behind its last one included. */
export const lengthsOf = ({ starts, rows, width }: PackAttributes): readonly number[] =>
  starts.map((start, i) => ((starts[i + 1] ?? rows) - start) * width);

/** The row behind the last one of array i. */
export const endOf = ({ starts, rows }: PackAttributes, i: number): number => starts[i + 1] ?? rows;

const composedPack = (arrays: Arrays, attrs: PackAttributes): tf.Tensor => {
  const lengths = lengthsOf(attrs);
  const padded = Object.values(arrays).map((x, i) =>
    tf.pad(tf.reshape(x, [x.size]), [[0, lengths[i] - x.size]]),
  );
  return tf.reshape(tf.concat(padded), [attrs.rows, attrs.width]);
};

const composedUnpack = ({ x }: Matrix, { shapes, starts, width }: PackAttributes): tf.Tensor[] => {
  const flat = tf.reshape(x, [x.size]);
  return shapes.map((shape, i) =>
    tf.reshape(tf.slice(flat, starts[i] * width, tf.util.sizeFromShape([...shape])), [...shape]),
  );
};

/** The sum of each array, of tfjs operations. */
export const composedSums = ({ x }: Matrix, attrs: PackAttributes): tf.Tensor =>
  tf.stack(
    attrs.starts.map((start, i) => tf.sum(tf.slice(x, [start, 0], [endOf(attrs, i) - start, attrs.width]))),
  );

const placesOf = ({ shapes, starts, rows, width }: PackAttributes): PackAttributes => ({
  shapes,
  starts,
  rows,
  width,
});

const matrixOps = {
  pack: operation<Arrays, PackAttributes>({
    name: packKernel,
    shape: (_arrays, { rows, width }) => ({ shape: [rows, width], dtype: 'float32' }),
    compose: composedPack,
    derivative: (dy, arrays, attrs) => {
      let parts: readonly tf.Tensor[] | undefined;
      const part = (i: number) => () => (parts ??= unpackRows(dy, placesOf(attrs)))[i];
      return Object.fromEntries(Object.keys(arrays).map((name, i) => [name, part(i)]));
    },
  }),
  unpack: operation<Matrix, PackAttributes, readonly tf.Tensor[]>({
    name: unpackKernel,
    shape: (_x, { shapes }) => shapes.map((shape) => ({ shape: [...shape], dtype: 'float32' })),
    compose: composedUnpack,
    // tfjs hands over a list where there are several results.
    derivative: (dys: tf.Tensor | readonly tf.Tensor[], _x, attrs) => ({
      x: () => packRows([dys].flat(), placesOf(attrs)),
    }),
  }),
  sums: operation<Matrix, PackAttributes>({
    name: sumsKernel,
    shape: (_x, { starts }) => ({ shape: [starts.length], dtype: 'float32' }),
    compose: composedSums,
  }),
};

/** The matrix [rows, width] of float32 arrays, given in the order of `starts`. */
export const packRows = (arrays: readonly tf.Tensor[], attrs: PackAttributes): tf.Tensor =>
  matrixOps.pack(Object.fromEntries(arrays.entries()), attrs);

/** The arrays of such a matrix. */
export const unpackRows = (matrix: tf.Tensor, attrs: PackAttributes): readonly tf.Tensor[] =>
  matrixOps.unpack({ x: matrix }, attrs);

/** The sum of each array of such a matrix, in float32: [arrays]. The order of additions follows from sizes alone. */
export const sumsOfRows = (matrix: tf.Tensor, attrs: PackAttributes): tf.Tensor =>
  matrixOps.sums({ x: matrix }, attrs);

/** The choice of `yes` where the flag is true, of `no` where it is not; the flag is a bool scalar. */
export const choose = operation<Readonly<Record<'flag' | 'yes' | 'no', tf.Tensor>>, object>({
  name: chooseKernel,
  shape: ({ yes }) => ({ shape: yes.shape, dtype: yes.dtype }),
  compose: ({ flag, yes, no }) => tf.where(flag, yes, no),
});
