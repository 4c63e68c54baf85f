/**
 * Fourier features of positions as one operation: a kernel where the backend has one, else composed.
 */
import * as tf from '@tensorflow/tfjs-core';
import { operation } from './operation.js';
import { isWithoutData } from '../shapes/withoutData.js';

type T = tf.Tensor;

export interface FourierInputs {
  /** [..., D] */
  readonly pos: T;
  /** [D, K], in half turns over a unit of each dimension. */
  readonly frequencies: T;
}

export interface FourierAttrs {
  /** True to put the positions themselves first. */
  readonly concatPos: boolean;
  /** True to leave out cosines. */
  readonly sineOnly: boolean;
}

/** [..., (D) + D·K·(1 or 2)] */
export const fourierShape = ({ pos, frequencies }: FourierInputs, attrs: FourierAttrs): number[] => {
  const dims = pos.shape[pos.rank - 1];
  const waves = frequencies.size * (attrs.sineOnly ? 1 : 2);
  return [...pos.shape.slice(0, -1), (attrs.concatPos ? dims : 0) + waves];
};

/** π·f·pos, rounded to float32 after each product. [..., D·K] */
const phasesOf = ({ pos, frequencies }: FourierInputs): T => {
  const perPoint = tf.mul(tf.expandDims(pos, -1), frequencies); // [..., D, K]
  return tf.mul(tf.reshape(perPoint, [...pos.shape.slice(0, -1), frequencies.size]), Math.fround(Math.PI));
};

const composed = (inputs: FourierInputs, { concatPos, sineOnly }: FourierAttrs): T => {
  const phases = phasesOf(inputs);
  const waves = sineOnly ? [tf.sin(phases)] : [tf.sin(phases), tf.cos(phases)];
  return tf.concat(concatPos ? [inputs.pos, ...waves] : waves, -1);
};

/** The cotangents of positions, sines and cosines within that of the features. */
const partsOf = (dy: T, { pos, frequencies }: FourierInputs, { concatPos, sineOnly }: FourierAttrs) => {
  const dims = pos.shape[pos.rank - 1];
  const sizes = [concatPos ? dims : 0, frequencies.size, sineOnly ? 0 : frequencies.size];
  return tf.split(dy, sizes, -1);
};

/** The cotangent of the phases, by dimension and band. [N, D, K] */
const phaseCotangent = (dy: T, inputs: FourierInputs, attrs: FourierAttrs): T => {
  const [, dSine, dCosine] = partsOf(dy, inputs, attrs);
  const phases = phasesOf(inputs);
  const ofSine = tf.mul(dSine, tf.cos(phases));
  const whole = attrs.sineOnly ? ofSine : tf.sub(ofSine, tf.mul(dCosine, tf.sin(phases)));
  return tf.reshape(tf.mul(whole, Math.PI), [-1, ...inputs.frequencies.shape]);
};

/** Fourier features, always as one operation. */
export const fourierOperation = operation<FourierInputs, FourierAttrs>({
  name: 'RengaFourier',
  shape: (inputs, attrs) => ({ shape: fourierShape(inputs, attrs), dtype: 'float32' }),
  compose: composed,
  derivative: (dy, inputs, attrs) => ({
    pos: () => {
      const { pos, frequencies } = inputs;
      const ofWaves = tf.sum(tf.mul(phaseCotangent(dy, inputs, attrs), frequencies), -1);
      const summed = tf.reshape(ofWaves, pos.shape);
      return attrs.concatPos ? tf.add(summed, partsOf(dy, inputs, attrs)[0]) : summed;
    },
    frequencies: () => {
      const { pos, frequencies } = inputs;
      const points = tf.reshape(pos, [-1, frequencies.shape[0], 1]); // [N, D, 1]
      return tf.sum(tf.mul(phaseCotangent(dy, inputs, attrs), points), 0);
    },
  }),
});

/**
 * [pos, sin(π·f·pos₁)…, sin(π·f·pos₂)…, cos(π·f·pos₁)…, …]; phases are rounded to float32 after each product.
 *
 * Read for its shapes alone it is composed, so that a graph has ordinary operations, which any engine runs.
 */
export const fourier = (inputs: FourierInputs, attrs: FourierAttrs): tf.Tensor =>
  (isWithoutData() ? composed : fourierOperation)(inputs, attrs);
