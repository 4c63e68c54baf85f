/**
 * The gradient of attention for queries, keys and values as one operation: a kernel where the backend has one, else
 * composed in tiles.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { AttentionAttrs, AttentionInputs } from './attentionTile.js';
import { attentionCotangents } from './composedAttention.js';
import { operation } from './operation.js';
import { isRecording } from './tape.js';

export interface AttentionGradientInputs extends AttentionInputs {
  /** Attention's output. */
  readonly output: tf.Tensor; // [B, T, H, E]
  readonly dy: tf.Tensor; // [B, T, H, E]
}

const compose = ({ output: _output, dy, ...inputs }: AttentionGradientInputs, attrs: AttentionAttrs) => {
  const { q, k, v } = attentionCotangents(dy, inputs, attrs);
  return [q(), k(), v()];
};

export const attentionGradientOperation = operation<AttentionGradientInputs, AttentionAttrs, tf.Tensor[]>({
  name: 'RengaAttentionGradient',
  shape: ({ q, k, v }) => [q, k, v].map(({ shape, dtype }) => ({ shape, dtype })),
  compose,
});

/** The cotangents of q, k and v from that of the output. */
export const attentionGradient = (inputs: AttentionGradientInputs, attrs: AttentionAttrs): tf.Tensor[] =>
  isRecording() ? compose(inputs, attrs) : attentionGradientOperation(inputs, attrs);
