/** Random orthonormal slices of an array: a normal matrix, its Q, and the axes put where they belong. */
import { type Shape, sizeOf } from '../data/array.js';
import { type Key } from './key.js';
import { normal } from './normal.js';

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/**
 * The Q of matrix = Q·R with R's diagonal positive: modified Gram-Schmidt in float64, each column cleared of its
 * predecessors.
 *
 * With that sign Q is unique, so this is LAPACK's Q times the signs of its R, to float32 precision.
 * @param matrix [rows, columns] row-major, rows ≥ columns, of full rank
 * @returns [rows, columns] row-major
 */
const orthonormalColumns = (matrix: Float32Array, rows: number, columns: number): Float32Array => {
  const out = new Float32Array(matrix.length);
  const done: Float64Array[] = [];
  for (let j = 0; j < columns; j++) {
    const column = Float64Array.from({ length: rows }, (_, i) => matrix[i * columns + j]);
    for (const q of done) {
      const overlap = dot(q, column);
      for (let i = 0; i < rows; i++) column[i] -= overlap * q[i];
    }
    const norm = Math.sqrt(dot(column, column));
    for (let i = 0; i < rows; i++) out[i * columns + j] = column[i] /= norm;
    done.push(column);
  }
  return out;
};

/** Moves the first axis of a row-major [first, before, after] to the middle: [before, first, after]. */
const moveFirst = (data: Float32Array, first: number, before: number, after: number): Float32Array => {
  const out = new Float32Array(data.length);
  for (let f = 0; f < first; f++) {
    for (let b = 0; b < before; b++) {
      const from = (f * before + b) * after;
      out.set(data.subarray(from, from + after), (b * first + f) * after);
    }
  }
  return out;
};

/**
 * Row-major elements of `shape` whose slices along `axis` are orthonormal; where there are more slices than entries
 * in one, the entries are orthonormal across the slices.
 * @param axis in [0, rank)
 * Source: haiku/_src/initializers.py `Orthogonal`.
 */
export const orthonormalSlices = (key: Key, shape: Shape, axis: number): Float32Array => {
  const slices = shape[axis];
  const [before, after] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const entries = before * after;
  const [long, short] = slices > entries ? [slices, entries] : [entries, slices];
  const q = orthonormalColumns(normal(key, [long, short]).data, long, short);
  const bySlice = slices < entries ? moveFirst(q, long, short, 1) : q;
  return moveFirst(bySlice, slices, before, after);
};
