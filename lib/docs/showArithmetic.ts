/**
 * A size in words: what it is made of, as somebody would write it.
 */
import type { Arithmetic } from './document.js';

const signs = { sum: ' + ', product: ' × ' } as const;

/** A part of a part: sizes with what they count, sums inside products in parentheses. */
const inner = (node: Arithmetic, within: 'sum' | 'product'): string => {
  if (node.kind === 'size') return `${node.size} ${node.what}`.trimEnd();
  const parts = node.of.map((part) => inner(part, node.kind)).join(signs[node.kind]);
  if (node.what) return `${node.size} ${node.what} (${parts})`;
  return node.kind === 'sum' && within === 'product' ? `(${parts})` : parts;
};

/** A part of the whole: its size first, then what it is. */
const outer = (node: Arithmetic): string => {
  if (node.kind === 'size') return node.what ? `${node.size} (${node.what})` : String(node.size);
  const parts = node.of.map((part) => inner(part, node.kind)).join(signs[node.kind]);
  return `${node.size} (${node.what ? `${node.what}: ` : ''}${parts})`;
};

/**
 * What a size is made of.
 * @example '322 = 64 (patch projection) + 258 (2 positions + 2 × 2 × 64 bands)'
 */
export const showArithmetic = (node: Arithmetic): string => {
  if (node.kind === 'size') return outer(node);
  const parts = node.of.map(outer).join(signs[node.kind]);
  return `${node.size} = ${parts}${node.what ? ` (${node.what})` : ''}`;
};
