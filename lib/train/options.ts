/**
 * Checks of options at the call that takes them: a number outside of its range would otherwise be met many steps later, or
 * train something else without a word.
 */
import { countTo } from '../data/config.js';

/** A value, and the range that it must be in: `probability`, `positive`, `count` and others of configs. */
export type Ranged = readonly [value: unknown, range: Range];

/** A range: a test, and the words for what passes it. */
export interface Range {
  readonly is: (value: unknown) => boolean;
  readonly name: string;
}

/** Numbers of examples, batches and updates: whole numbers from 1. */
export const wholeFrom1 = countTo(Number.MAX_SAFE_INTEGER);

/** One of some words. */
export const oneOf = (...words: readonly string[]): Range => ({
  is: (value) => words.includes(value as string),
  name: words.map((word) => `'${word}'`).join(' or '),
});

const shown = (value: unknown): string =>
  typeof value === 'string'
    ? `'${value}'`
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

/**
 * Refuses values outside of their ranges, all of them in one error.
 * @param where  the function whose options they are
 * @throws RangeError
 * @example expectOptions('adam', { b1: [b1, fraction], eps: [eps, nonNegative] });
 */
export const expectOptions = (where: string, options: Readonly<Record<string, Ranged>>): void => {
  const wrong = Object.entries(options).filter(([, [value, range]]) => !range.is(value));
  if (wrong.length === 0) return;
  const problems = wrong.map(
    ([name, [value, range]]) => `${name} is ${shown(value)}, expected ${range.name}`,
  );
  throw new RangeError(`${where}: ${problems.join('; ')}`);
};

/** The checks of options that may be left out. */
export const given = (options: Readonly<Record<string, Ranged>>): Readonly<Record<string, Ranged>> =>
  Object.fromEntries(Object.entries(options).filter(([, [value]]) => value !== undefined));
