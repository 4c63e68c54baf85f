/** Images as sequences, on any engine's operations: convolved, cut in blocks, with the features of positions. */
import type { Fourier, Ops, Shape } from '../ops.js';
import { forEach } from './blocks.js';

/** [size, channels] for every example, [1, size, channels]. */
export const positions = <T>(ops: Ops<T>, features: Fourier): T => {
  const encoded = ops.fourier(features);
  return ops.reshape(encoded, [1, ...ops.shapeOf(encoded)]);
};

/** A grid of features [B, …, C] followed by encodings of their positions [1, M, P]: [B, M, C + P]. */
export const positioned = <T>(ops: Ops<T>, features: T, encoding: T): T => {
  const shape = ops.shapeOf(features);
  const flat = ops.reshape(features, [shape[0], -1, shape[shape.length - 1]]);
  return ops.concat([flat, forEach(ops, encoding, shape[0])], 2);
};

/** Mean and variance of each channel. */
interface Statistics<T> {
  readonly mean: T;
  readonly variance: T;
}

const movingAverages = <T>(ops: Ops<T>, path: string, shape: Shape): Statistics<T> => ({
  mean: ops.param(`${path}/~/mean_ema`, 'average', shape),
  variance: ops.param(`${path}/~/var_ema`, 'average', shape),
});

const batchStatistics = <T>(ops: Ops<T>, x: T): Statistics<T> => {
  const mean = ops.mean(x);
  return { mean, variance: ops.sub(ops.mean(ops.mul(x, x)), ops.mul(mean, mean)) };
};

/** By the batch's own statistics in training, by moving averages otherwise. */
const batchNorm = <T>(ops: Ops<T>, path: string, x: T, isTraining: boolean): T => {
  const shape = [1, 1, 1, ops.shapeOf(x)[3]];
  const { mean, variance } = isTraining ? batchStatistics(ops, x) : movingAverages(ops, path, shape);
  const factor = ops.mul(ops.param(path, 'scale', shape), ops.rsqrt(variance, 1e-5));
  return ops.add(ops.mul(ops.sub(x, mean), factor), ops.param(path, 'offset', shape));
};

/** A convolution of 7 × 7, batch norm, ReLU and max pooling: [B, H, W, C] to [B, H/4, W/4, channels]. */
export const convDownsample = <T>(
  ops: Ops<T>,
  path: string,
  x: T,
  channels: number,
  isTraining = false,
): T => {
  const w = ops.param(`${path}/~/conv`, 'w', [7, 7, ops.shapeOf(x)[3], channels]);
  const normed = batchNorm(ops, `${path}/~/batchnorm`, ops.conv2d(x, w, 2), isTraining);
  return ops.maxPool(ops.relu(normed), 2);
};

/** One linear map of each pixel, as a convolution. */
export const pointwiseConv = <T>(ops: Ops<T>, path: string, x: T, channels: number): T => {
  const w = ops.param(path, 'w', [1, 1, ops.shapeOf(x)[3], channels]);
  return ops.add(ops.conv2d(x, w, 1), ops.param(path, 'b', [channels]));
};

/** Blocks of `space` × `space` pixels as channels: [T, H, W, C] to [T, H/space, W/space, space²·C]. */
export const spaceToDepth = <T>(ops: Ops<T>, frames: T, space: number): T => {
  const [time, height, width, channels] = ops.shapeOf(frames);
  const rows = ops.reshape(frames, [(time * height) / space, space, width / space, space * channels]);
  const blocks = ops.transpose(rows, [0, 2, 1, 3]);
  return ops.reshape(blocks, [time, height / space, width / space, space ** 2 * channels]);
};

/** Each pixel's 3 × 3 neighbourhood, zeros outside: [N, H, W, C] to [N, H, W, 9·C]. */
export const neighbourhoods = <T>(ops: Ops<T>, images: T): T => {
  const [count, height, width, channels] = ops.shapeOf(images);
  const padded = ops.pad(images, [0, 1, 1, 0]);
  const views = Array.from({ length: 9 }, (_, i) => {
    const row = ops.slice(padded, 1, Math.floor(i / 3), height);
    return ops.reshape(ops.slice(row, 2, i % 3, width), [1, -1]);
  });
  const pixels = count * height * width;
  const stacked = ops.reshape(ops.concat(views, 0), [9, pixels, channels]);
  return ops.reshape(ops.transpose(stacked, [1, 0, 2]), [count, height, width, 9 * channels]);
};

/** Frames of a pair side by side in the channels: [2, H, W, C] to [1, H, W, 2·C]. */
export const pairs = <T>(ops: Ops<T>, frames: T): T => {
  const [count, height, width, channels] = ops.shapeOf(frames);
  const turned = ops.transpose(ops.reshape(frames, [count, height * width, channels]), [1, 0, 2]);
  return ops.reshape(turned, [1, height, width, count * channels]);
};
