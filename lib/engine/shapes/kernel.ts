/**
 * A shape kernel: a function from the shapes, dtypes and attributes that an operation is given to the shapes and
 * dtypes of its results. The tables beside this file hold one for each kernel of tfjs; nothing here computes a value.
 */
import * as tf from '@tensorflow/tfjs-core';

/** A tensor without its data: shape and dtype. */
export interface Spec {
  readonly shape: number[];
  readonly dtype: tf.DataType;
}

/** Inputs by name (or in a row) and attributes, as tfjs's types for each kernel have them. */
export type ShapeKernel = (inputs: never, attrs: never) => Spec | Spec[];

/** Shape kernels by the kernel's name in tfjs. */
export type ShapeKernels = Readonly<Record<string, ShapeKernel>>;

export const spec = (shape: number[], dtype: tf.DataType): Spec => ({ shape, dtype });

/** The same shape kernel under several names. */
export const forEach = (names: readonly string[], kernel: ShapeKernel): ShapeKernels =>
  Object.fromEntries(names.map((name) => [name, kernel]));
