/** Activations: functions of one number, and softmax. `lift` makes layers of them. */
import * as tf from '@tensorflow/tfjs-core';

/** max(x, 0) */
export const relu = (x: tf.Tensor): tf.Tensor => tf.relu(x);

/** x · sigmoid(x), also known as swish. Source: arXiv:1606.08415; `jax.nn.silu`. */
export const silu = (x: tf.Tensor): tf.Tensor => tf.mul(x, tf.sigmoid(x));

/** The hyperbolic tangent. */
export const tanh = (x: tf.Tensor): tf.Tensor => tf.tanh(x);

/** 1 / (1 + exp(−x)) */
export const sigmoid = (x: tf.Tensor): tf.Tensor => tf.sigmoid(x);

/** exp(x) over its sum along the last axis. */
export const softmax = (x: tf.Tensor): tf.Tensor => tf.softmax(x);
