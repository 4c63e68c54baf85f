/**
 * Constants of a graph: made of what a program holds, with one number in the place of elements that are all the same.
 */
import type { TypedArray } from '../data/array.js';
import type { Constant, ValueType } from './graph.js';
import { isSymbolic, type Size } from './size.js';

const uniform = (values: TypedArray): number | undefined => {
  const first = Number(values[0]);
  if (values.length === 0) return undefined;
  return values.every((value: number | bigint) => Object.is(Number(value), first)) ? first : undefined;
};

/** A constant; elements that are all the same become one number. */
export const constant = (
  shape: readonly Size[],
  dtype: ValueType,
  values: TypedArray | number,
): Constant => ({
  kind: 'constant',
  shape,
  dtype,
  values: typeof values === 'number' ? values : (uniform(values) ?? values),
});

/** An array for elements of a dtype. */
export const arrayOf = (dtype: ValueType, length: number): Float32Array | Int32Array | Uint8Array => {
  if (dtype === 'float32') return new Float32Array(length);
  return dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length);
};

/**
 * A constant's elements.
 * @throws Error where their number is not known until the graph runs
 */
export const elementsOf = ({ shape, dtype, values }: Constant): TypedArray => {
  if (typeof values !== 'number') return values;
  if (shape.some(isSymbolic)) throw new Error('a constant of unknown size has no elements yet');
  return arrayOf(
    dtype,
    (shape as number[]).reduce((size, n) => size * n, 1),
  ).fill(values);
};

/** True where two constants have the same elements. */
export const sameElements = (a: Constant['values'], b: Constant['values']): boolean => {
  if (typeof a === 'number' || typeof b === 'number') return Object.is(a, b);
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
};
