/** The report of a rounding: the matrices that were rounded to fewer bits, and those that stay whole, with the reason. */

/** A matrix that stays whole. */
export interface WholeMatrix {
  /** The path of the parameter. */
  readonly path: string;
  readonly shape: readonly number[];
  /** A phrase about such matrices, as in "2 stay whole, of sizes that 32 does not divide". */
  readonly reason: string;
}

/** The matrices of a model by what became of them. Leaves that are no matrix of a product are in neither list. */
export interface Rounding {
  /** Paths of the parameters that were rounded. */
  readonly rounded: readonly string[];
  readonly whole: readonly WholeMatrix[];
}

/** The reason of matrices that the expression `whole` names. */
export const namedWhole = 'named by `whole`, by default cross-attentions';
