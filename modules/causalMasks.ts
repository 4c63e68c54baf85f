/**
 * Latents of a causal Perceiver: the last steps of a sequence that they stand for, and their masks. A latent sees the
 * inputs up to its own last step, and the latents that end no later.
 *
 * Shapes: B batch, N inputs, L latents, P places that latents stand for.
 */
import * as tf from '@tensorflow/tfjs-core';
import { bernoulliTensor } from '../lib/engine/index.js';
import { type LazyKey, split } from '../lib/random/index.js';

/** 0, 1, … as floats, [1, N]. */
export const placesOf = (length: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length }, (_, i) => i),
    [1, length],
  );

/**
 * Number of events before the first 0 of each sequence: [B, N] int32 to [B, 1].
 * Source: perceiver_ar_model.py `get_sequence_length`.
 */
export const lengthsOf = (events: tf.Tensor): tf.Tensor => {
  const N = events.shape[1] as number;
  const isThere = tf.cast(tf.notEqual(events, 0), 'float32'); // [B, N]
  const rest = tf.tensor(
    Float32Array.from({ length: N }, (_, i) => N - i),
    [1, N],
  );
  return tf.min(tf.add(placesOf(N), tf.mul(rest, isThere)), 1, true);
};

/**
 * The place that each latent stands for: the last `count` places of each sequence, -1 before its start. [B, P]
 * Source: perceiver_ar_model.py `make_block_causal_masks`.
 */
export const lastSteps = (events: tf.Tensor, count: number): tf.Tensor => {
  const offsets = tf.tensor(
    Float32Array.from({ length: count }, (_, i) => i - count),
    [1, count],
  );
  return tf.maximum(tf.add(lengthsOf(events), offsets), -1);
};

/**
 * Rows of each example: x [B, N, …] at places [B, P] to [B, P, …]; -1 is the array's last place. Rows of all examples are
 * looked up at once, because the wasm backend gathers along a batch wrongly.
 */
export const rowsAt = (x: tf.Tensor, places: tf.Tensor): tf.Tensor => {
  const [B, N, ...rest] = x.shape as [number, number, ...number[]];
  const asFloats = tf.cast(places, 'float32');
  const wrapped = tf.add(asFloats, tf.mul(N, tf.cast(tf.less(asFloats, 0), 'float32')));
  const sizes = tf.add(tf.mul(0, tf.slice(asFloats, [0, 0], [-1, 1])), N); // [B, 1], N in each
  const rows = tf.add(wrapped, tf.cumsum(sizes, 0, true)); // places among the rows of all examples
  const found = tf.gather(
    tf.reshape(x, [B * N, ...rest]),
    tf.cast(tf.reshape(rows, [-1]), 'int32') as tf.Tensor1D,
  );
  return tf.reshape(found, [B, places.shape[1] as number, ...rest]);
};

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
