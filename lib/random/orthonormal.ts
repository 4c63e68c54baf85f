/** Orthonormal columns of a random matrix, the one step of the orthogonal initializer that is linear algebra. */

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
export const orthonormalColumns = (matrix: Float32Array, rows: number, columns: number): Float32Array => {
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
