/**
 * Things on a line, moved as little as needed so that none is too near to the next: the least squares of how far each is
 * from where it would like to be (pools of neighbours that push each other, moved as one).
 */

/** One thing on the line; they stand in their order. */
export interface Placed {
  /** The preferred middle. */
  readonly wish: number;
  readonly width: number;
  /** The weight against the others. */
  readonly weight: number;
  /** Free space before it, where it is not the first. */
  readonly gap: number;
}

interface Pool {
  readonly sum: number;
  readonly weight: number;
  readonly count: number;
}

/** Distance of each middle from the first one's, when all stand as near as they may. */
const offsetsOf = (row: readonly Placed[]): readonly number[] => {
  let at = 0;
  return row.map((placed, i) => (i === 0 ? 0 : (at += row[i - 1].width / 2 + placed.gap + placed.width / 2)));
};

/** The width of a row whose members stand as near as they may. */
export const rowWidth = (row: readonly Placed[]): number =>
  row.reduce((total, { width, gap }, i) => total + width + (i === 0 ? 0 : gap), 0);

/**
 * Middles, at the distances that widths and gaps ask for, from `left` to `right` where the row fits in between.
 */
export const spreadApart = (
  row: readonly Placed[],
  left = -Infinity,
  right = Infinity,
): readonly number[] => {
  if (row.length === 0) return [];
  const offsets = offsetsOf(row);
  const pools: Pool[] = [];
  row.forEach(({ wish, weight }, i) => {
    let pool: Pool = { sum: weight * (wish - offsets[i]), weight, count: 1 };
    for (
      let last = pools.at(-1);
      last && last.sum / last.weight > pool.sum / pool.weight;
      last = pools.at(-1)
    ) {
      pools.pop();
      pool = { sum: last.sum + pool.sum, weight: last.weight + pool.weight, count: last.count + pool.count };
    }
    pools.push(pool);
  });
  const least = left + row[0].width / 2;
  const most = Math.max(least, right - row.at(-1)!.width / 2 - offsets.at(-1)!);
  return pools
    .flatMap(({ sum, weight, count }) => Array<number>(count).fill(sum / weight))
    .map((start, i) => Math.min(Math.max(start, least), most) + offsets[i]);
};
