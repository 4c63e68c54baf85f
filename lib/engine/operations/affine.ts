/**
 * The product with a matrix, a bias and a residual on its way out, as one operation; and the gradients of matrix and bias
 * as another one.
 */
import * as tf from '@tensorflow/tfjs-core';
import { isWithoutData } from '../shapes/withoutData.js';
import { type Operation, operation } from './operation.js';
import { isRecording } from './tape.js';

type T = tf.Tensor;

interface AffineInputs {
  readonly x: T; // [..., C]
  readonly w: T; // [C, D], or [D, C] transposed
  readonly bias: T | undefined; // [D]
  /** Added to the result, [..., D]. */
  readonly residual: T | undefined;
}

interface AffineAttributes {
  /** True for w [D, C]. */
  readonly transposed: boolean;
}

interface GradientInputs {
  readonly x: T; // [..., C]
  readonly dy: T; // [..., D]
}

interface GradientAttributes extends AffineAttributes {
  readonly withBias: boolean;
}

/** All leading axes in one. */
const rowsOf = (x: T): T => (x.rank === 2 ? x : tf.reshape(x, [-1, x.shape[x.rank - 1]]));

const outputsOf = (w: T, { transposed }: AffineAttributes): number => w.shape[transposed ? 0 : 1] as number;

/** x·w + bias + residual, of tfjs operations. */
const composed = ({ x, w, bias, residual }: AffineInputs, attrs: AffineAttributes): T => {
  const product = tf.matMul(rowsOf(x) as tf.Tensor2D, w as tf.Tensor2D, false, attrs.transposed);
  const shifted = bias ? tf.add(product, bias) : product;
  const sum = residual ? tf.add(shifted, rowsOf(residual)) : shifted;
  return tf.reshape(sum, [...x.shape.slice(0, -1), outputsOf(w, attrs)]);
};

const composedGradient = ({ x, dy }: GradientInputs, { transposed, withBias }: GradientAttributes): T[] => {
  const [rows, dRows] = [rowsOf(x), rowsOf(dy)];
  const dw = transposed ? tf.matMul(dRows, rows, true) : tf.matMul(rows, dRows, true);
  return withBias ? [dw, tf.sum(dRows, 0)] : [dw];
};

/** The gradients of the matrix and of the bias, if there is one. */
export const affineGradient = operation<GradientInputs, GradientAttributes, readonly T[]>({
  name: 'RengaAffineGradient',
  shape: ({ x, dy }, { transposed, withBias }) => {
    const [from, to] = [x, dy].map(({ shape }) => shape[shape.length - 1]);
    const shapes = [transposed ? [to, from] : [from, to], ...(withBias ? [[to]] : [])];
    return shapes.map((shape) => ({ shape, dtype: 'float32' }));
  },
  compose: composedGradient,
});

/** x·w + bias + residual, always as one operation. */
export const affineOperation: Operation<AffineInputs, AffineAttributes> = operation<
  AffineInputs,
  AffineAttributes
>({
  name: 'RengaAffine',
  shape: ({ x, w }, attrs) => ({ shape: [...x.shape.slice(0, -1), outputsOf(w, attrs)], dtype: 'float32' }),
  compose: composed,
  derivative: (dy, { x, w, bias }, { transposed }) => {
    const isComposed = isWithoutData() || isRecording();
    let found: readonly T[] | undefined;
    const ofWeights = (): readonly T[] =>
      (found ??= (isComposed ? composedGradient : affineGradient)(
        { x, dy },
        { transposed, withBias: bias !== undefined },
      ));
    return {
      x: () =>
        isWithoutData()
          ? tf.matMul(dy, w, false, !transposed)
          : affineOperation({ x: dy, w, bias: undefined, residual: undefined }, { transposed: !transposed }),
      w: () => ofWeights()[0],
      bias: () => ofWeights()[1],
      residual: () => tf.clone(dy),
    };
  },
});

/**
 * x·w + bias + residual: [..., D]. Where a program is written down, its operations are of rows [N, C], the form that passes
 * over graphs look for.
 */
export const affine = (inputs: AffineInputs, attrs: AffineAttributes): T => {
  const { x, w, bias, residual } = inputs;
  if (x.rank === 2 || (x.rank > 2 && !isWithoutData())) return affineOperation(inputs, attrs);
  const rows = { x: rowsOf(x), w, bias, residual: residual && rowsOf(residual) };
  return tf.reshape(affineOperation(rows, attrs), [...x.shape.slice(0, -1), outputsOf(w, attrs)]);
};
