/**
 * The rule of which weights are rounded to int8 and int4: matrices that products alone read, that `whole` does not name, and
 * that take fewer bytes as levels with scales than as float16.
 */
import type { Rounding } from '../data/rounding.js';
import { namedWhole } from '../data/rounding.js';
import { blocksOf, type LevelOptions } from '../data/levels.js';
import type { Graph, Weight } from '../graph/graph.js';
import { type MatrixOfProducts, weightsOfProducts } from '../graph/weightsOfProducts.js';
import type { Products } from './operators/levels.js';

/** The type of rounded weights with that of their products, and the paths of parameters that stay whole. */
export interface RoundingRule {
  readonly bits: 4 | 8;
  readonly products: Products;
  readonly whole: RegExp;
}

/** Rows that share a scale where a product widens its weights. */
const blockSize = 32;

/** Arrays of fewer numbers stay as they are: they are not worth their scales, nor a cast from float16. */
export const fewestRounded = 1024;

/** True for products that sum bytes; others widen the levels block by block. */
const isByBytes = ({ bits, products }: Omit<RoundingRule, 'whole'>): boolean =>
  bits === 8 && products === 'int8';

/** The levels of a matrix for its products. */
export const levelOptionsOf = (rule: Omit<RoundingRule, 'whole'>): LevelOptions =>
  isByBytes(rule) ? { bits: rule.bits, isPaired: true } : { bits: rule.bits, blockSize };

/** The rows and columns of a matrix, as a product reads it. */
export const sidesOf = ({ shape }: Weight, isTransposed: boolean): { rows: number; columns: number } => {
  const [first, second] = shape as readonly number[];
  return isTransposed ? { rows: second, columns: first } : { rows: first, columns: second };
};

/** Bytes of a matrix as levels and float32 scales. A block that rows fill in part is stored whole. */
const levelBytes = ({ weight, products }: MatrixOfProducts, rule: RoundingRule): number => {
  const { rows, columns } = sidesOf(weight, products[0].attrs.transposed === true);
  const { bits, blockSize: size = rows } = levelOptionsOf(rule);
  return columns * blocksOf({ rows, blockSize: size }) * ((size * bits) / 8 + 4);
};

/** The reason for which a matrix stays whole; undefined for one that is rounded. */
const reasonOf = (matrix: MatrixOfProducts, rule: RoundingRule): string | undefined => {
  const { weight, products, isReadElsewhere } = matrix;
  const elements = (weight.shape as readonly number[]).reduce((size, n) => size * n, 1);
  if (rule.whole.test(weight.path)) return namedWhole;
  if (isReadElsewhere) return 'read by something else than a product, too';
  if (new Set(products.map(({ attrs }) => attrs.transposed === true)).size > 1)
    return 'read by products both as they lie and transposed';
  if (elements < fewestRounded) return `of fewer than ${fewestRounded.toLocaleString('en')} numbers`;
  return levelBytes(matrix, rule) < 2 * elements ? undefined : 'no smaller than as float16';
};

/** The weights of a graph that are rounded, and the report of them. */
export const roundedWeights = (
  graph: Graph,
  rule: RoundingRule,
): { readonly weights: ReadonlySet<Weight>; readonly rounding: Rounding } => {
  const judged = weightsOfProducts(graph).map((matrix) => ({ ...matrix, reason: reasonOf(matrix, rule) }));
  const rounded = judged.filter(({ reason }) => reason === undefined).map(({ weight }) => weight);
  const whole = judged.flatMap(({ weight: { path, shape }, reason }) =>
    reason === undefined ? [] : [{ path, shape: shape as readonly number[], reason }],
  );
  return { weights: new Set(rounded), rounding: { rounded: rounded.map(({ path }) => path), whole } };
};
