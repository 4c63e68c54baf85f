/**
 * softmax(q·kᵀ / √D)·v as one operation: a kernel where the backend has one, else composed in tiles.
 */
import { attentionCotangents, type AttentionInputs, composedAttention } from './composedAttention.js';
import { operation } from './operation.js';

export { composedWeights } from './composedAttention.js';

/** [B, T, H, D], [B, S, H, D], [B, S, H, E] to [B, T, H, E]. */
export const attention = operation<AttentionInputs, object>({
  name: 'RengaAttention',
  shape: ({ q, v }) => ({ shape: [...q.shape.slice(0, 3), v.shape[3] as number], dtype: 'float32' }),
  compose: composedAttention,
  derivative: (dy, inputs) => {
    const { q, k, v } = attentionCotangents(dy, inputs);
    return { q: () => q, k: () => k, v: () => v };
  },
});
