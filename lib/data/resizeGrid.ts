/**
 * Vectors on a grid, resized to another grid: a model's learned positions for pictures or texts of another size.
 * Source: PyTorch's `torch.nn.functional.interpolate(mode='bicubic', align_corners=False)`.
 */
import { float32, type HostArray, type Shape, sizeOf } from './array.js';

/** Weights of the four nearest points, the first at a distance of 1 + t. Cubic convolution with a = -0.75, as PyTorch's. */
const cubic = (t: number): readonly number[] => {
  const a = -0.75;
  const near = (x: number) => ((a + 2) * x - (a + 3)) * x * x + 1;
  const far = (x: number) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
};

/** For each new point the old points that it is made of, with their weights. */
const taps = (from: number, to: number): readonly (readonly (readonly [index: number, weight: number])[])[] =>
  Array.from({ length: to }, (_, i) => {
    const place = ((i + 0.5) * from) / to - 0.5;
    const first = Math.floor(place);
    const clamped = (index: number) => Math.min(from - 1, Math.max(0, index));
    return cubic(place - first).map((weight, j) => [clamped(first - 1 + j), weight] as const);
  });

/** One axis of [before, from, after] resized. */
const alongAxis = (
  data: ArrayLike<number>,
  before: number,
  from: number,
  to: number,
  after: number,
): Float64Array => {
  const resized = new Float64Array(before * to * after);
  for (const [i, points] of taps(from, to).entries())
    for (let b = 0; b < before; b++)
      for (const [index, weight] of points) {
        const [source, target] = [(b * from + index) * after, (b * to + i) * after];
        for (let c = 0; c < after; c++) resized[target + c] += weight * data[source + c];
      }
  return resized;
};

/**
 * Bicubic interpolation of vectors from one grid to another; cubic along the only axis of a grid of one.
 * @param vectors  [points of `from`, C], the last dimension of the grid fastest
 * @param from     sizes of the grid's dimensions
 * @param to       sizes of the new grid's dimensions, as many
 * @returns [points of `to`, C] float32
 */
export const resizeGrid = (
  vectors: Pick<HostArray, 'shape' | 'data'>,
  from: Shape,
  to: Shape,
): HostArray<'float32'> => {
  const channels = vectors.shape[1];
  let data = vectors.data as ArrayLike<number>;
  for (const [axis, size] of from.entries()) {
    if (to[axis] === size) continue;
    const [before, after] = [sizeOf(to.slice(0, axis)), sizeOf(from.slice(axis + 1)) * channels];
    data = alongAxis(data, before, size, to[axis], after);
  }
  return float32([sizeOf(to), channels], data);
};
