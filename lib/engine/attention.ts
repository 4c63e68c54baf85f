/**
 * softmax(q·kᵀ / √D)·v as one operation: a kernel where the backend has one, else composed in tiles. With the kernel,
 * keys and values may also be made part by part.
 */
import * as tf from '@tensorflow/tfjs-core';
import { attentionCotangents, type AttentionInputs, composedAttention } from './composedAttention.js';
import { type Attended, attentionKernel, gathering } from './kernels/attention.js';
import { operation } from './operation.js';

export { composedWeights } from './composedAttention.js';

/** [B, T, H, D], [B, S, H, D], [B, S, H, E] to [B, T, H, E]. */
export const attention = operation<AttentionInputs, object>({
  name: attentionKernel,
  shape: ({ q, v }) => ({ shape: [...q.shape.slice(0, 3), v.shape[3] as number], dtype: 'float32' }),
  compose: composedAttention,
  derivative: (dy, inputs) => {
    const { q, k, v } = attentionCotangents(dy, inputs);
    return { q: () => q, k: () => k, v: () => v };
  },
});

/**
 * Attention to keys and values that are made part by part and freed again; nothing of it is recorded for a gradient.
 * @param q [B, T, H, D]
 * @param valueWidth E
 * @param parts each makes some keys [B, s, H, D] and values [B, s, H, E], with their mask [B, T, s]
 * @returns [B, T, H, E]; undefined where the backend that runs has no kernel for it
 */
export const attentionInParts = (
  q: tf.Tensor,
  valueWidth: number,
  parts: readonly (() => Attended)[],
): tf.Tensor | undefined => {
  const gathered = gathering(q, valueWidth);
  parts.forEach((part, i) => tf.tidy(() => void gathered?.attend(part(), i === parts.length - 1)));
  return gathered?.out;
};
