/**
 * GELU without approximation, as PyTorch and Hugging Face have it. The one that JAX and DeepMind have is beside the MLP.
 */
import * as tf from '@tensorflow/tfjs-core';
import { byRows } from './byRows.js';

/**
 * x/2 · (1 + erf(x / √2)).
 * Source: arXiv:1606.08415, section 2; `torch.nn.functional.gelu`'s default, `jax.nn.gelu(approximate=False)`.
 */
export const geluExact = (x: tf.Tensor): tf.Tensor =>
  byRows(x, (rows) => tf.mul(tf.mul(rows, 0.5), tf.add(tf.erf(tf.mul(rows, Math.SQRT1_2)), 1)));
