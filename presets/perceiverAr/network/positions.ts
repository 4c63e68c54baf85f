/** Positions of a sequence's events counted from its end, and the first values of position tables. */
import * as tf from '@tensorflow/tfjs-core';
import { float32, type Shape } from '../../../lib/data/array.js';
import type { Initializer } from '../../../lib/language/initializers.js';
import { lengthsOf, placesOf } from '../../../modules/causalMasks.js';
import { linspace } from '../../../modules/fourierPosition.js';

/**
 * Places counted from the end of each sequence, 0 for its last event: [B, N]. Padding counts on from the array's end.
 * Source: perceiver_ar_model.py `make_positions_terminal_relative`.
 */
export const fromTheEnd = (events: tf.Tensor): tf.Tensor => {
  const N = events.shape[1] as number;
  const ahead = tf.sub(tf.sub(lengthsOf(events), 1), placesOf(N)); // [B, N], below zero for padding
  return tf.add(ahead, tf.mul(N, tf.cast(tf.less(ahead, 0), 'float32')));
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
