/**
 * Places of a sequence: its length, the last steps that latents stand for, positions counted from the end, and the first
 * values of position tables.
 *
 * Shapes: B batch, N places, P places that latents stand for.
 */
import * as tf from '@tensorflow/tfjs-core';
import { float32, type Shape } from '../../../lib/data/array.js';
import type { Initializer } from '../../../lib/language/initializers.js';
import { linspace } from '../../../modules/fourierPosition.js';

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
 * Places counted from the end of each sequence, 0 for its last event: [B, N]. Padding counts on from the array's end.
 * Source: perceiver_ar_model.py `make_positions_terminal_relative`.
 */
export const fromTheEnd = (events: tf.Tensor): tf.Tensor => {
  const N = events.shape[1] as number;
  const ahead = tf.sub(tf.sub(lengthsOf(events), 1), placesOf(N)); // [B, N], below zero for padding
  return tf.add(ahead, tf.mul(N, tf.cast(tf.less(ahead, 0), 'float32')));
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

/** An initializer that computes each element of a table of positions and channels. */
const table = (
  kind: string,
  rowOf: (size: number, channels: number) => (position: number, row: Float32Array) => void,
): Initializer => ({
  kind,
  isRandom: false,
  config: {},
  sample: (shape: Shape) => {
    const [size, channels] = shape;
    const data = new Float32Array(size * channels);
    const fill = rowOf(size, channels);
    for (let i = 0; i < size; i++) fill(i, data.subarray(i * channels, (i + 1) * channels));
    return float32([...shape], data);
  },
});

/** Sines, then cosines, of waves from 2π to 2π · 10000 positions. Source: `generate_sinusoidal_features`. */
const sinusoidal = table('sinusoidal', (_size, channels) => {
  const half = Math.floor(channels / 2);
  const rate = Array.from({ length: half }, (_, c) => Math.exp((-c * Math.log(10000)) / (half - 1)));
  return (position, row) => {
    for (let c = 0; c < half; c++) {
      row[c] = Math.sin(position * rate[c]);
      row[half + c] = Math.cos(position * rate[c]);
    }
  };
});

/** The position itself in every channel. Source: `generate_linear_features`. */
const linear = table('linear', () => (position, row) => void row.fill(position));

/** Sines, then cosines, of positions in [-1, 1] at linear frequencies. Source: `generate_fourier_features`. */
const fourier = table('fourier', (size, channels) => {
  const { fround } = Math;
  const half = Math.floor(channels / 2);
  const [positions, bands] = [linspace(-1, 1, size), linspace(1, size / 2, half)];
  return (position, row) => {
    for (let c = 0; c < half; c++) {
      const angle = fround(fround(Math.PI) * fround(positions[position] * bands[c]));
      row[c] = Math.sin(angle);
      row[half + c] = Math.cos(angle);
    }
  };
});

/** First values of position tables, by their names; those of a random table are the embedding's own. */
export const tables = { sinusoidal, linear, fourier, random: undefined } as const;
