/**
 * softmax(q·kᵀ / √D)·v as one operation: a kernel where the backend has one, else composed in tiles.
 */
import {
  type AttentionAttrs,
  attentionCotangents,
  type AttentionInputs,
  composedAttention,
} from './composedAttention.js';
import { attentionGradient } from './attentionGradient.js';
import { operation } from './operation.js';

export type { AttentionAttrs, AttentionInputs } from './composedAttention.js';
export { composedWeights } from './composedAttention.js';

/** [B, T, H, D], [B, S, G, D], [B, S, G, E] to [B, T, H, E]; G divides H. */
export const attention = operation<AttentionInputs, AttentionAttrs>({
  name: 'RengaAttention',
  shape: ({ q, v }) => ({ shape: [...q.shape.slice(0, 3), v.shape[3] as number], dtype: 'float32' }),
  compose: composedAttention,
  keepsOutput: true,
  derivative: (dy, inputs, attrs, output) => {
    const [q, k, v] = attentionGradient({ ...inputs, output, dy }, attrs);
    return {
      ...{ q: () => q, k: () => k, v: () => v },
      bias: () => attentionCotangents(dy, inputs, attrs).bias(),
      relativeBias: () => attentionCotangents(dy, inputs, attrs).relativeBias(),
    };
  },
});
