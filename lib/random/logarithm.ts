/**
 * -ln(1 - x²) for many float32 x, the variable of the inverse error function's polynomials, in a fifth of the time
 * that Math.log takes.
 */

const { fround } = Math;

/** The table covers [2⁻²⁴, 1], every 1 - x² that is not 0: octaves of 64 cells, and one cell for 1 itself. */
const OCTAVES = 24;
const CELLS_PER_OCTAVE = 64;
const CELLS = OCTAVES * CELLS_PER_OCTAVE + 1;

/**
 * Pairs of 1 / c and ln c for a point c of each cell: its middle, but 1 in the last two, where logarithms are smallest.
 */
export const logarithms = new Float64Array(2 * CELLS);
for (let cell = 0; cell < CELLS; cell++) {
  const octave = 2 ** (Math.floor(cell / CELLS_PER_OCTAVE) - OCTAVES);
  const middle = octave * (1 + ((cell % CELLS_PER_OCTAVE) + 0.5) / CELLS_PER_OCTAVE);
  logarithms[2 * cell] = cell < CELLS - 2 ? 1 / middle : 1;
  logarithms[2 * cell + 1] = cell < CELLS - 2 ? Math.log(middle) : 0;
}

/** The bits after the sign in a float64's upper half: the exponent, then six bits that number the cell. */
const CELL_SHIFT = 20 - Math.log2(CELLS_PER_OCTAVE);
const FIRST_CELL = (1023 - OCTAVES) * CELLS_PER_OCTAVE;

/** 1 - x² of a block, and the upper halves of these float64 (on the little-endian machines there are). */
const BLOCK = 2048;
const complements = new Float64Array(BLOCK);
const halves = new Int32Array(complements.buffer);

/**
 * Writes -ln(1 - x²), x² rounded to float32 first, for values[from..from + count).
 * @param values float32 in [-1, 1]
 * @param count at most 2048
 * @param out float32 at 0..count; Infinity for ±1
 */
export const writeTailExponents = (
  values: Float32Array,
  from: number,
  count: number,
  out: Float32Array,
): void => {
  for (let i = 0; i < count; i++) {
    const x = values[from + i];
    complements[i] = 1 - fround(x * x);
  }
  for (let i = 0; i < count; i++) {
    const cell = (halves[2 * i + 1] >> CELL_SHIFT) - FIRST_CELL;
    if (cell < 0) {
      out[i] = Infinity;
    } else {
      // -ln(c·(1 - r)) = r + r²/2 + r³/3 + … - ln c, with |r| ≤ 2⁻⁷.
      const r = 1 - complements[i] * logarithms[2 * cell];
      out[i] = r * (1 + r * (0.5 + r * (1 / 3 + r * (0.25 + r * 0.2)))) - logarithms[2 * cell + 1];
    }
  }
};
