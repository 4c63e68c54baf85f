/**
 * Attention whose keys and values are made part by part, where the backend that runs has a kernel for it.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Attended, gathering } from '../kernels/attention.js';
import type { AttentionAttrs } from './attention.js';

/**
 * Attention to keys and values that are made part by part and freed again; nothing of it is recorded for a gradient.
 * @param q [B, T, H, D]
 * @param valueWidth E
 * @param parts each makes some keys [B, s, H, D] and values [B, s, H, E], with their mask
 *   [B|1, H|1, T|1, s]
 * @returns [B, T, H, E]; undefined where the backend that runs has no kernel for it
 */
export const attentionInParts = (
  q: tf.Tensor,
  valueWidth: number,
  parts: readonly (() => Attended)[],
  attrs: Pick<AttentionAttrs, 'scale'> = {},
): tf.Tensor | undefined => {
  const gathered = gathering(q, valueWidth, attrs);
  parts.forEach((part, i) => tf.tidy(() => void gathered?.attend(part(), i === parts.length - 1)));
  return gathered?.out;
};
