/**
 * Shapes that don't fit are the programmer's mistake: primitives throw a `ShapeError`, and the module that they were
 * called in puts its path before the message.
 */
import type { Shape } from './array.js';

/** A shape as text: `[2, 3]`. */
export const showShape = (shape: readonly (number | string)[]): string => `[${shape.join(', ')}]`;

/** Shapes one after the other, equal ones counted: `2 × [1, 8], [3]`. */
export const showShapes = (shapes: readonly (readonly number[])[]): string => {
  const counts = new Map<string, number>();
  for (const shape of shapes.map(showShape)) counts.set(shape, (counts.get(shape) ?? 0) + 1);
  return [...counts].map(([shape, count]) => (count > 1 ? `${count} × ${shape}` : shape)).join(', ');
};

/** Tells whether two shapes are equal. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** The place by axes of a value in row-major order: `placeAt([2, 3], 4)` is [1, 1]. */
export const placeAt = (shape: Shape, index: number): readonly number[] => {
  const place: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return place;
};

/** The error of an argument with the wrong shape: the argument, the shape found and the shape expected. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/**
 * Checks an argument's shape against a pattern: a number stands for itself, a letter for any size, the same letter for
 * the same size.
 * @returns the sizes of the letters
 * @throws ShapeError when rank or sizes differ
 * @example expectShape('q', [2, 5, 8, 4], ['B', 'T', 8, 'D']) // { B: 2, T: 5, D: 4 }
 */
export const expectShape = (
  argument: string,
  shape: Shape,
  pattern: readonly (number | string)[],
  known: Readonly<Record<string, number>> = {},
): Record<string, number> => {
  const sizes: Record<string, number> = { ...known };
  const fits = pattern.every((expected, axis) => {
    const found = shape[axis];
    if (typeof expected === 'number') return found === expected;
    sizes[expected] ??= found;
    return sizes[expected] === found;
  });
  if (fits && shape.length === pattern.length) return sizes;
  const where = Object.entries(known).map(([letter, size]) => `${letter} = ${size}`);
  throw new ShapeError(
    `${argument} has shape ${showShape(shape)}, expected ${showShape(pattern)}${where.length ? ` with ${where.join(', ')}` : ''}`,
  );
};

/**
 * Checks that a width splits evenly into parts.
 * @throws ShapeError when it does not
 */
export const expectDivisible = (what: string, size: number, parts: number, of: string): void => {
  if (!Number.isInteger(size / parts)) {
    throw new ShapeError(`${what} is ${size}, which ${of} (${parts}) does not divide`);
  }
};

/**
 * The number of channels of an array of floats, the size of its last axis.
 * @throws ShapeError for a scalar; TypeError for another dtype than float32
 */
export const channelsOf = (
  argument: string,
  x: { readonly shape: Shape; readonly dtype: string },
): number => {
  if (typeof x !== 'object' || x === null || !Array.isArray(x.shape))
    throw new TypeError(
      `${argument} is ${x === null ? 'null' : `of type ${typeof x}`}, expected an array of float32`,
    );
  if (x.dtype !== 'float32')
    throw new TypeError(`${argument} is ${x.dtype}, expected float32: cast it first`);
  if (x.shape.length === 0) throw new ShapeError(`${argument} is a scalar, expected [..., C]`);
  return x.shape[x.shape.length - 1];
};
