/** A case of the table of operations, and inputs for it. */
import type * as tf from '@tensorflow/tfjs-core';

export interface Input {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
}

export interface Case {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly run: (...xs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  /** True if the operation is differentiated with respect to its float inputs. */
  readonly isDifferentiable: boolean;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Distinct floats spread over [low, high] in an order that looks random and is always the same. */
export const floats = (shape: readonly number[], low = -2, high = 2): Input => {
  const size = sizeOf(shape);
  const step = [7, 11, 13, 17, 19].find((prime) => size % prime !== 0) as number;
  const values = Array.from(
    { length: size },
    (_, i) => low + ((high - low) * (((i * step) % size) + 0.37)) / size,
  );
  return { shape, values, dtype: 'float32' };
};

export const given = (shape: readonly number[], values: readonly number[]): Input => ({
  shape,
  values,
  dtype: 'float32',
});

export const ints = (shape: readonly number[], values: readonly number[]): Input => ({
  shape,
  values,
  dtype: 'int32',
});

export const bools = (shape: readonly number[], values: readonly number[]): Input => ({
  shape,
  values,
  dtype: 'bool',
});

// The functions of a case take as many tensors as it has inputs, of ranks that only it knows.
type Run = (...xs: never[]) => tf.Tensor | tf.Tensor[];

/** A differentiable case. */
export const smooth = (name: string, inputs: readonly Input[], run: Run): Case => ({
  name,
  inputs,
  run: run as Case['run'],
  isDifferentiable: true,
});

/** A case without a derivative. */
export const stepwise = (name: string, inputs: readonly Input[], run: Run): Case => ({
  ...smooth(name, inputs, run),
  isDifferentiable: false,
});
