/**
 * Fourier features of positions: sines and cosines at frequencies spaced linearly from one half-cycle over [-1, 1] to
 * the resolution's Nyquist frequency. Positions are in [-1, 1]; nothing is trained.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, countTo, flag, optional, type OptionsFor, sizes, withDefault } from '../lib/data/config.js';
import { fourier } from '../lib/engine/index.js';
import { module } from '../lib/language/module.js';
import { expectShape, ShapeError } from '../lib/data/shape.js';

/**
 * `num` numbers from start to stop, both included: start·(1 − t) + i·(stop / (num − 1)), t = i / (num − 1), rounded to
 * float32 after each operation, and with 1 / (num − 1) rounded first, as a compiled model rounds `jnp.linspace`. At
 * high frequencies one unit in the last place of a position turns features by a hundredth, which deep models magnify.
 */
export const linspace = (start: number, stop: number, num: number): Float32Array => {
  const { fround } = Math;
  const last = num - 1;
  const step = fround(1 / last);
  const rise = fround(stop * step);
  const point = (i: number) => fround(fround(start * fround(1 - fround(i * step))) + fround(i * rise));
  const points = new Float32Array(num);
  for (let i = 1; i < last; i++) points[i] = point(i);
  points[0] = start;
  if (last > 0) points[last] = stop;
  return points;
};

/**
 * The grid's positions, each dimension from -1 to 1 with both ends.
 * @param indexDims sizes of the dimensions, D of them
 * @returns [size of the grid, D], the last dimension fastest
 * Source: position_encoding.py `build_linear_positions`.
 */
export const gridPositions = (indexDims: readonly number[]): tf.Tensor2D =>
  tf.tidy(() => {
    const columns = indexDims.map((size, dim) => {
      const ones = indexDims.map(() => 1);
      const along = tf.tensor(linspace(-1, 1, size), ones.with(dim, size));
      return tf.reshape(tf.tile(along, indexDims.with(dim, 1)), [-1, 1]);
    });
    return tf.concat(columns, 1) as tf.Tensor2D;
  });

export interface FourierFeatures {
  /** Frequencies for each dimension. */
  readonly numBands: number;
  /** Points for each dimension at the finest resolution; half of it is the highest frequency. */
  readonly maxResolution: readonly number[];
  /** True to put the positions themselves first. */
  readonly concatPos?: boolean;
  /** True to leave out cosines. */
  readonly sineOnly?: boolean;
}

/**
 * [pos, sin(π·f·pos₁)…, sin(π·f·pos₂)…, cos(π·f·pos₁)…, …].
 *
 * Shapes: N points, D dimensions, K bands.
 * @param pos [..., D], in [-1, 1]
 * @returns [..., (D) + D·K·(1 or 2)]
 * Source: position_encoding.py `generate_fourier_features`; arXiv:2103.03206, section 3.2.
 */
export const fourierFeatures = (pos: tf.Tensor, features: FourierFeatures): tf.Tensor => {
  const { numBands, maxResolution, concatPos = true, sineOnly = false } = features;
  const dims = maxResolution.length;
  const leading = pos.shape.slice(0, -1);
  if (pos.shape[pos.rank - 1] !== dims) expectShape('pos', pos.shape, [...leading.map(() => 'N'), dims]);
  const bands = maxResolution.map((resolution) => linspace(1, resolution / 2, numBands));
  const frequencies = tf.tensor(Float32Array.from(bands.flatMap((band) => [...band])), [dims, numBands]);
  return fourier({ pos, frequencies }, { concatPos, sineOnly });
};

const source = 'position_encoding.py `FourierPositionEncoding`';

export const fourierPositionConfig = config('fourierPosition', 'Fourier features of positions in [-1, 1].', {
  numBands: withDefault(countTo(65_536), 64, {
    doc: 'Frequencies for each dimension, spaced linearly from 1 to half of maxResolution (half-cycles over [-1, 1]).',
    source: 'arXiv:2107.14795, appendix G: 64 bands for each dimension',
  }),
  maxResolution: optional(sizes, {
    doc: "Finest resolution of each dimension; the grid's sizes if not given.",
    source,
  }),
  concatPos: withDefault(flag, true, { doc: 'True to put the positions in front of the features.', source }),
  sineOnly: withDefault(flag, false, { doc: 'True to leave out cosines.', source }),
});
export type FourierPositionOptions = OptionsFor<typeof fourierPositionConfig>;

/**
 * Fourier features of a grid, or of given positions: (B, pos? [B, N, D]) to [B, N, channels]. No parameters.
 * @throws ShapeError when pos or maxResolution have another number of dimensions than the grid
 * Source: position_encoding.py `FourierPositionEncoding`.
 */
export const fourierPosition = (indexDims: readonly number[], options: FourierPositionOptions = {}) => {
  const config = fourierPositionConfig.make(options);
  const features = { ...config, maxResolution: config.maxResolution ?? indexDims };
  return module(
    'fourier_position_encoding',
    () => (batch: number, pos?: tf.Tensor) => {
      if (features.maxResolution.length !== indexDims.length) {
        throw new ShapeError(
          `maxResolution has ${features.maxResolution.length} dimensions, the grid has ${indexDims.length}`,
        );
      }
      if (pos) return fourierFeatures(pos, features) as tf.Tensor3D;
      const grid = fourierFeatures(gridPositions(indexDims), features); // [N, channels]
      return tf.tile(tf.expandDims(grid, 0), [batch, 1, 1]) as tf.Tensor3D; // [B, N, channels]
    },
    { kind: 'position', config },
  );
};
