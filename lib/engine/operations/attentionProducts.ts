/**
 * The order of products in attention of one head. q·(x·w)ᵀ is (q·wᵀ)·xᵀ, and a·(x·w) is (a·x)·w: where many keys meet
 * few queries it takes fewer multiplications to project the few.
 */

/** Rows on both sides of a product with a projection. */
export interface Sides {
  /** Rows that are projected. */
  readonly rows: number;
  /** Rows on the other side: the queries for projected keys or values, the keys for projected queries. */
  readonly others: number;
  /** Width of the rows. */
  readonly from: number;
  /** Width after the projection. */
  readonly to: number;
}

/** Multiplications where the rows are projected, and then meet the others. */
export const projectedFirst = ({ rows, others, from, to }: Sides): number => rows * to * (from + others);

/** Multiplications where the others are projected the other way, and then meet the rows as they are. */
export const projectedLast = ({ rows, others, from, to }: Sides): number => others * from * (to + rows);
