/**
 * Sizes as arithmetic: sums, products and plain sizes with what they are, kept flat, and as text that people read.
 */
import { grouped } from '../data/quantities.js';
import type { Arithmetic } from './document.js';

/** A size that nothing more is known of. */
export const plain = (size: number, what: string): Arithmetic => ({ kind: 'size', size, what });

const factorsIn = (part: Arithmetic): readonly Arithmetic[] => (part.kind === 'product' ? part.of : [part]);

/** The sizes that a size is the product of; itself if it is not one. */
export const factors = (part: Arithmetic): readonly Arithmetic[] =>
  factorsIn(part).filter(({ size }) => size !== 1);

/** A product of sizes; ones are left out. */
export const product = (parts: readonly Arithmetic[], what?: string): Arithmetic => {
  const of = parts.flatMap(factors);
  const size = of.reduce((whole, part) => whole * part.size, 1);
  if (of.length === 0) return parts[0] ?? plain(1, '');
  return of.length === 1 ? of[0] : { kind: 'product', size, what, of };
};

const isSame = (a: Arithmetic, b: Arithmetic): boolean =>
  showArithmetic(a) === showArithmetic(b) && a.what === b.what;

/** A sum of sizes; of equal ones, so many times the one. */
export const sum = (parts: readonly Arithmetic[], what?: string): Arithmetic => {
  const of = parts.filter(({ size }) => size !== 0);
  const size = of.reduce((whole, part) => whole + part.size, 0);
  if (of.length === 0) return plain(0, what ?? '');
  if (of.length === 1) return of[0];
  if (of.every((part) => isSame(part, of[0])))
    return product([plain(of.length, what ?? 'side by side'), of[0]], what);
  return { kind: 'sum', size, what, of };
};

/** The same under a name, if it has none of its own. */
export const named = (part: Arithmetic, what: string): Arithmetic => (part.what ? part : { ...part, what });

/** The number that its parts make, for those who want to check. */
export const evaluate = (part: Arithmetic): number => {
  if (part.kind === 'size') return part.size;
  return part.of.map(evaluate).reduce((whole, size) => (part.kind === 'sum' ? whole + size : whole * size));
};

const inWords = (part: Arithmetic): string => (part.what ? ` ${part.what}` : '');

const showPart = (part: Arithmetic): string => {
  const size = `${grouped(part.size)}${inWords(part)}`;
  return part.kind === 'size' ? size : `${size} (${showTerms(part)})`;
};

/** Factors with the same words after one another have them once, after the last. */
const showFactors = (parts: readonly Arithmetic[]): string =>
  parts
    .map((part, i) => {
      const next = parts[i + 1];
      const isSaidLater = part.kind === 'size' && next?.kind === 'size' && next.what === part.what;
      return isSaidLater ? grouped(part.size) : showPart(part);
    })
    .join(' × ');

const showTerms = (part: Arithmetic): string => {
  if (part.kind === 'size') return showPart(part);
  return part.kind === 'sum' ? part.of.map(showPart).join(' + ') : showFactors(part.of);
};

/** `322 = 64 patches_linear + 258 fourier_position_encoding (2 positions + …)`; a plain size as `64 patches_linear`. */
export const showArithmetic = (part: Arithmetic): string =>
  part.kind === 'size' ? showPart(part) : `${grouped(part.size)} = ${showTerms(part)}`;
