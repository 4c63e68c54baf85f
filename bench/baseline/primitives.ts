/**
 * Frozen: what else the models are made of, composed of tfjs's operations as the library computed it before it had
 * kernels of its own. It must not change, and imports nothing of the library.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Fourier, type Shape, sizeOf } from '../ops.js';

const partSize = 2 ** 22;

/** Long inputs, some rows at a time. */
const byRows = (x: tf.Tensor, work: (rows: tf.Tensor) => tf.Tensor): tf.Tensor => {
  if (x.size <= partSize) return work(x);
  const channels = x.shape[x.rank - 1];
  const rows = tf.reshape(x, [-1, channels]);
  const step = Math.max(1, Math.floor(partSize / channels));
  const parts: tf.Tensor[] = [];
  for (let start = 0; start < rows.shape[0]; start += step) {
    const size = Math.min(step, rows.shape[0] - start);
    parts.push(tf.tidy(() => work(tf.slice(rows, [start, 0], [size, -1]))));
  }
  const whole = tf.concat(parts, 0);
  return tf.reshape(whole, [...x.shape.slice(0, -1), whole.shape[1] as number]);
};

export const layerNorm = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor =>
  byRows(x, (rows) => {
    const centred = tf.sub(rows, tf.mean(rows, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), scale), offset);
  });

export const gelu = (x: tf.Tensor): tf.Tensor =>
  byRows(x, (rows) => {
    const cubic = tf.add(rows, tf.mul(tf.mul(tf.square(rows), rows), 0.044715));
    return tf.mul(tf.mul(rows, 0.5), tf.add(tf.tanh(tf.mul(cubic, Math.sqrt(2 / Math.PI))), 1));
  });

export const geluExact = (x: tf.Tensor): tf.Tensor =>
  byRows(x, (rows) => tf.mul(tf.mul(rows, 0.5), tf.add(tf.erf(tf.mul(rows, Math.SQRT1_2)), 1)));

export const affine = (x: tf.Tensor, w: tf.Tensor, b?: tf.Tensor): tf.Tensor => {
  const [channels, outputs] = w.shape;
  const product = tf.matMul(tf.reshape(x, [-1, channels]) as tf.Tensor2D, w as tf.Tensor2D);
  return tf.reshape(b ? tf.add(product, b) : product, [...x.shape.slice(0, -1), outputs]);
};

export const lookUp = (table: tf.Tensor, ids: tf.Tensor): tf.Tensor =>
  tf.reshape(tf.gather(table, tf.reshape(ids, [-1])), [...ids.shape, table.shape[1] as number]);

/** float32 numbers from start to stop, rounded as a compiled `jnp.linspace` rounds them. */
export const linspace = (start: number, stop: number, num: number): Float32Array => {
  const { fround } = Math;
  const last = num - 1;
  const step = fround(1 / last);
  const rise = fround(stop * step);
  const point = (i: number) => fround(fround(start * fround(1 - fround(i * step))) + fround(i * rise));
  return Float32Array.from({ length: num }, (_, i) => (i === 0 ? start : i === last ? stop : point(i)));
};

/** Position of a point of a whole grid, or of a point that is asked for by itself. */
const positions = ({ indexDims, points }: Fourier): Float32Array => {
  const { fround } = Math;
  const dims = indexDims.length;
  const { first, count } = points ?? { first: 0, count: sizeOf(indexDims) };
  const lines = indexDims.map((size) =>
    points
      ? Float32Array.from({ length: size }, (_, i) => -1 + 2 * i * fround(1 / size))
      : linspace(-1, 1, size),
  );
  const values = new Float32Array(count * dims);
  for (let p = 0; p < count; p++) {
    let index = first + p;
    for (let dim = dims - 1; dim >= 0; dim--) {
      values[p * dims + dim] = lines[dim][index % indexDims[dim]];
      index = Math.floor(index / indexDims[dim]);
    }
  }
  return values;
};

/** [pos, sin(π·f·pos)…, cos(π·f·pos)…] */
export const fourier = (features: Fourier): tf.Tensor => {
  const { indexDims, maxResolution, numBands } = features;
  const dims = indexDims.length;
  const values = positions(features);
  const points = values.length / dims;
  const pos = tf.tensor2d(values, [points, dims]);
  const bands = maxResolution.map((resolution) => linspace(1, resolution / 2, numBands));
  const frequencies = tf.tensor(Float32Array.from(bands.flatMap((band) => [...band])), [dims, numBands]);
  const perPoint = tf.mul(tf.expandDims(pos, -1), frequencies);
  const phases = tf.mul(tf.reshape(perPoint, [points, dims * numBands]), Math.fround(Math.PI));
  return tf.concat([pos, tf.sin(phases), tf.cos(phases)], -1);
};

export const broadcast = (x: tf.Tensor, shape: Shape): tf.Tensor =>
  tf.tile(
    x,
    shape.map((size, axis) => size / x.shape[axis]),
  );
