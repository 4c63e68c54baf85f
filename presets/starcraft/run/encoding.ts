/**
 * Encodings of single values as parts of a feature vector: one-hot numbers, shares, bits, sets. Nothing here knows of
 * entities.
 */

/** An encoding of one value: the accepted values and the number of elements. */
export interface Encoding<A> {
  /** Number of vector elements of a value. */
  readonly size: number;
  /** The accepted values, in words. */
  readonly expected: string;
  readonly accepts: (value: unknown) => value is A;
  /** Writes an accepted value into `size` zeros. */
  readonly write: (value: A, part: Float32Array) => void;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const isNatural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isAmount = (value: unknown): value is number => isNumber(value) && value >= 0;

/** A 1 at the place of a value; values beyond the last place count as the last. */
const oneHot = <A>(
  size: number,
  expected: string,
  accepts: (value: unknown) => value is A,
  place: (value: A) => number,
): Encoding<A> => ({
  size,
  expected,
  accepts,
  write: (value, part) => void (part[Math.min(place(value), size - 1)] = 1),
});

/** One of `size` kinds, one-hot. */
export const category = (size: number): Encoding<number> =>
  oneHot(
    size,
    `a whole number from 0 to ${size - 1}`,
    (value): value is number => isNatural(value) && value < size,
    (kind) => kind,
  );

/** A count, one-hot; counts beyond the last place count as the last. */
export const cappedCount = (size: number): Encoding<number> =>
  oneHot(size, 'a whole number from 0', isNatural, (n) => n);

/** ⌊√min(amount, max)⌋, one-hot. */
export const rootOf = (max: number): Encoding<number> =>
  oneHot(Math.floor(Math.sqrt(max)) + 1, 'a number from 0', isAmount, (n) => Math.floor(Math.sqrt(n)));

/** ⌊amount / step⌋ up to `max`, one-hot. */
export const steps = (step: number, max: number): Encoding<number> =>
  oneHot(Math.floor(max / step) + 1, 'a number from 0', isAmount, (n) => Math.floor(n / step));

/** No or yes, one-hot. */
export const yesOrNo: Encoding<boolean> = oneHot(
  2,
  'true or false',
  (value): value is boolean => typeof value === 'boolean',
  Number,
);

/** A share of a whole, as it is. */
export const share: Encoding<number> = {
  size: 1,
  expected: 'a number from 0 to 1',
  accepts: (value): value is number => isNumber(value) && value >= 0 && value <= 1,
  write: (value, part) => void (part[0] = value),
};

/** A share as it is, and in tenths, one-hot. */
export const shareAndTenths: Encoding<number> = {
  ...share,
  size: 12,
  write: (value, part) => {
    part[0] = value;
    part[1 + Math.floor(10 * value)] = 1;
  },
};

/** The whole part of a coordinate in binary, the lowest bit first. */
export const binary = (bits: number): Encoding<number> => ({
  size: bits,
  expected: `a number from 0 up to, not including, ${2 ** bits}`,
  accepts: (value): value is number => isAmount(value) && value < 2 ** bits,
  write: (value, part) => {
    for (let bit = 0; bit < bits; bit++) part[bit] = Math.floor(value / 2 ** bit) % 2;
  },
});

/** Some of `size` kinds, a 1 for each; only the first `most` of them are used. */
export const someOf = (size: number, most = Infinity): Encoding<readonly number[]> => {
  const kind = category(size);
  return {
    size,
    expected: `a list, each entry ${kind.expected}`,
    accepts: (value): value is readonly number[] => Array.isArray(value) && value.every(kind.accepts),
    write: (kinds, part) => kinds.slice(0, most).forEach((each) => kind.write(each, part)),
  };
};
