/**
 * Masks of a causal Perceiver: a latent sees the inputs up to its own last step, and the latents that end no later.
 *
 * Shapes: B batch, N inputs, L latents.
 */
import * as tf from '@tensorflow/tfjs-core';
import { bernoulliTensor } from '../../../lib/engine/index.js';
import { type LazyKey, split } from '../../../lib/random/index.js';
import { placesOf } from './positions.js';

/** Masks by head, 1 = attends. */
export interface Masks {
  /** Inputs that latents see, [B, 1, L|1, N]; all where there is none. */
  readonly encoder?: tf.Tensor;
  /** Latents that latents see, [B, 1, L, L]. */
  readonly processor?: tf.Tensor;
}

const float = (x: tf.Tensor): tf.Tensor => tf.cast(x, 'float32');

/** Ones on the diagonal, [1, 1, L, L]. */
const diagonal = (size: number): tf.Tensor => {
  const places = tf.reshape(placesOf(size), [1, 1, 1, size]);
  return float(tf.equal(tf.reshape(placesOf(size), [1, 1, size, 1]), places));
};

/**
 * The masks of latents that end at some steps.
 * @param events [B, N] int32, 0 = padding
 * @param steps [B, L], the last step of each latent, -1 for those that stand for nothing; they see themselves alone
 * @param dropout  latents that no other latent sees, in training
 * Source: perceiver_ar_model.py `make_block_causal_masks`.
 */
export const causalMasks = (
  events: tf.Tensor,
  steps: tf.Tensor,
  dropout?: { readonly rate: number; readonly key: LazyKey },
): Required<Masks> => {
  const [B, L] = steps.shape as [number, number];
  const N = events.shape[1] as number;
  const queries = tf.reshape(steps, [B, 1, L, 1]);
  const inputs = tf.reshape(placesOf(N), [1, 1, 1, N]);
  const isThere = float(tf.greater(tf.reshape(events, [B, 1, 1, N]), 0));
  const encoder = tf.mul(float(tf.greaterEqual(queries, inputs)), isThere);
  const keys = tf.reshape(steps, [B, 1, 1, L]);
  const earlier = tf.mul(float(tf.greaterEqual(queries, keys)), float(tf.greaterEqual(keys, 0)));
  const kept = dropout && dropout.rate > 0 ? tf.mul(earlier, droppedLatents(B, L, dropout)) : earlier;
  return { encoder, processor: tf.maximum(kept, diagonal(L)) };
};

/** 1 for latents that are kept, [B, 1, 1, L]; the key is the one that the original splits off the masks' twice. */
const droppedLatents = (
  B: number,
  L: number,
  { rate, key }: { readonly rate: number; readonly key: LazyKey },
): tf.Tensor => {
  const own: LazyKey = () => split(split(key())[0])[1];
  return tf.reshape(float(bernoulliTensor(own, 1 - rate, [B, L])), [B, 1, 1, L]);
};

/** The mask of inputs that encoder dropout leaves: [B, 1, L|1, N]. */
export const withDroppedInputs = (
  mask: tf.Tensor | undefined,
  [B, N]: readonly [number, number],
  { rate, key }: { readonly rate: number; readonly key: LazyKey },
): tf.Tensor | undefined => {
  if (rate === 0) return mask;
  const kept = tf.reshape(float(bernoulliTensor(key, 1 - rate, [B, N])), [B, 1, 1, N]);
  return mask ? tf.mul(mask, kept) : kept;
};
