/**
 * First weights of a small flow model: its patches are projected to their main directions, all of one variance. Between
 * two frames the differences are faint beside light and dark, and a small model finds them so much sooner.
 */
import { float32, type HostArray } from '../../../lib/data/array.js';
import type { Weights } from '../../../lib/data/leaf.js';
import type { FlowPair } from '../../../lib/train/augment/phases.js';

/** A symmetric matrix, row by row. */
type Rows = readonly Float64Array[];

/** Sweeps of Jacobi's method; each goes through all pairs of axes once, and ten are enough for float64. */
const sweeps = 12;

/**
 * Eigenvalues of a symmetric matrix, the largest first, and the eigenvector of each.
 * Source: Jacobi's rotations; Golub and Van Loan, Matrix Computations, section 8.5.
 */
export const eigen = (matrix: Rows): readonly { readonly value: number; readonly vector: Float64Array }[] => {
  const n = matrix.length;
  const a = matrix.map((row) => Float64Array.from(row));
  const vectors = a.map((_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
  const rotate = (rows: Float64Array[], p: number, q: number, c: number, s: number): void => {
    for (let k = 0; k < n; k++)
      [rows[p][k], rows[q][k]] = [c * rows[p][k] - s * rows[q][k], s * rows[p][k] + c * rows[q][k]];
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p][q]) < 1e-300) continue;
        const tau = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
        const c = 1 / Math.hypot(1, t);
        rotate(a, p, q, c, t * c);
        for (const row of a) [row[p], row[q]] = [c * row[p] - t * c * row[q], t * c * row[p] + c * row[q]];
        rotate(vectors, p, q, c, t * c);
      }
    }
  }
  return vectors.map((vector, i) => ({ value: a[i][i], vector })).sort((x, y) => y.value - x.value);
};

/** The share of the mean variance that is added to each, so that the faintest directions are not noise made large. */
const floor = 0.001;

/**
 * The standard deviation of each direction. It is above that of the positions beside them, so that the layer norm that
 * follows makes pixels of faint and of strong texture alike.
 */
const spread = 8;

/** Frames in grey, the mean of their colours: [H, W]. */
const greyOf = ({ data }: HostArray): Float64Array =>
  Float64Array.from({ length: data.length / 3 }, (_, i) =>
    [0, 1, 2].reduce((sum, c) => sum + Number(data[3 * i + c]) / 3, 0),
  );

/** Grey patches of both frames side by side, for each pixel whose patch is within the frames: [2 · size²]. */
const greyPatches = ({ first, second }: FlowPair, size: number): readonly Float64Array[] => {
  const [height, width] = first.shape;
  const frames = [first, second].map(greyOf);
  const places = (length: number) => Array.from({ length: length - size + 1 }, (_, i) => i);
  return places(height).flatMap((y) =>
    places(width).map((x) =>
      Float64Array.from({ length: 2 * size ** 2 }, (_, i) => {
        const [frame, place] = [Math.floor(i / size ** 2), i % size ** 2];
        return frames[frame][(y + Math.floor(place / size)) * width + x + (place % size)];
      }),
    ),
  );
};

const moments = (
  rows: readonly Float64Array[],
): { readonly mean: Float64Array; readonly covariance: Rows } => {
  const depth = rows[0].length;
  const mean = new Float64Array(depth);
  for (const row of rows) for (let i = 0; i < depth; i++) mean[i] += row[i] / rows.length;
  const covariance = Array.from({ length: depth }, () => new Float64Array(depth));
  for (const row of rows)
    for (let i = 0; i < depth; i++)
      for (let j = 0; j < depth; j++)
        covariance[i][j] += ((row[i] - mean[i]) * (row[j] - mean[j])) / rows.length;
  return { mean, covariance };
};

/** The layer that projects patches. */
const layer = 'image_preprocessor/patches_linear';

/**
 * Weights whose first layer projects patches, in grey, to their main directions, as many as the layer is wide.
 * @param pairs  pairs of the training data, whose patches are measured
 * @throws RangeError for weights without the layer, or a layer wider than a grey patch of both frames
 */
export const whitened = (
  weights: Required<Weights<HostArray>>,
  pairs: readonly FlowPair[],
): Required<Weights<HostArray>> => {
  const [inputs = 0, width = 0] = weights.params[layer]?.w.shape ?? [];
  const size = Math.sqrt(inputs / 6);
  const depth = inputs / 3;
  if (!Number.isInteger(size) || size === 0 || width > depth)
    throw new RangeError(
      `whitened: found ${layer}/w of [${inputs}, ${width}], expected [6 · patch size², at most ${depth}]`,
    );
  const { mean, covariance } = moments(pairs.flatMap((pair) => greyPatches(pair, size)));
  const found = eigen(covariance);
  const added = (floor * found.reduce((sum, { value }) => sum + value, 0)) / depth;
  const [w, b] = [new Float32Array(inputs * width), new Float32Array(width)];
  found.slice(0, width).forEach(({ value, vector }, k) => {
    const scale = spread / Math.sqrt(value + added);
    for (let i = 0; i < inputs; i++) w[i * width + k] = (scale * vector[Math.floor(i / 3)]) / 3;
    vector.forEach((part, i) => (b[k] -= scale * part * mean[i]));
  });
  const leaves = { w: float32([inputs, width], w), b: float32([width], b) };
  return { ...weights, params: { ...weights.params, [layer]: leaves } };
};
