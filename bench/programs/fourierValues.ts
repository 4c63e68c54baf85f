/**
 * Fourier features as numbers, for engines that are given them as a constant.
 */
import { type Fourier, sizeOf } from '../ops.js';

/** float32 numbers from start to stop, rounded as a compiled `jnp.linspace` rounds them. */
export const linspace = (start: number, stop: number, num: number): Float32Array => {
  const { fround } = Math;
  const last = num - 1;
  const step = fround(1 / last);
  const rise = fround(stop * step);
  const point = (i: number) => fround(fround(start * fround(1 - fround(i * step))) + fround(i * rise));
  return Float32Array.from({ length: num }, (_, i) => (i === 0 ? start : i === last ? stop : point(i)));
};

/** Positions [points, dimensions] of a whole grid, or of points that are asked for by themselves. */
export const positionValues = ({ indexDims, points }: Fourier): Float32Array => {
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

/** Half-cycles of each band over [-1, 1], [dimensions · bands]. */
export const frequencies = ({ maxResolution, numBands }: Fourier): Float32Array =>
  Float32Array.from(maxResolution.flatMap((resolution) => [...linspace(1, resolution / 2, numBands)]));

/** [points, channels]: positions, sines, cosines. */
export const fourierValues = (features: Fourier): Float32Array => {
  const { fround, PI, sin, cos } = Math;
  const { numBands } = features;
  const dims = features.indexDims.length;
  const positions = positionValues(features);
  const bands = frequencies(features);
  const waves = dims * numBands;
  const channels = dims + 2 * waves;
  const points = positions.length / dims;
  const values = new Float32Array(points * channels);
  for (let p = 0; p < points; p++) {
    const at = p * channels;
    for (let dim = 0; dim < dims; dim++) values[at + dim] = positions[p * dims + dim];
    for (let wave = 0; wave < waves; wave++) {
      const position = positions[p * dims + Math.floor(wave / numBands)];
      const phase = fround(fround(position * bands[wave]) * fround(PI));
      values[at + dims + wave] = sin(phase);
      values[at + dims + waves + wave] = cos(phase);
    }
  }
  return values;
};
