/**
 * Nests: the inputs and outputs of layers, any nesting of records, lists and tensors. Unlike trees they have no fixed
 * depth; values that are neither tensors nor containers pass through.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { HostArray, Shape } from './array.js';

/** An array of which only the shape is known. */
export interface ArraySpec {
  readonly shape: Shape;
  readonly dtype?: 'float32' | 'int32' | 'bool';
}

/** Values that no nest looks into. */
type Opaque =
  string | number | boolean | null | undefined | ArrayBufferView | ((...inputs: never[]) => unknown);

/** A nest with values of type `To` in the places of its values of type `From`. */
export type Replaced<A, From, To> = A extends From
  ? To
  : A extends Opaque
    ? A
    : { readonly [K in keyof A]: Replaced<A[K], From, To> };

/** A nest in which a host array or a spec may stand for a tensor. */
export type SpecOf<A> = Replaced<A, Tensor, Tensor | HostArray | ArraySpec>;

/** A nest with specs in the places of its tensors. */
export type Specs<A> = Replaced<A, Tensor, ArraySpec>;

/** Tells whether a value is an object with names: no list, and not null. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const plain: readonly unknown[] = [Object.prototype, null];

/** Tells whether a value is a plain object, which a nest looks into. */
export const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isRecord(value) && plain.includes(Object.getPrototypeOf(value));

/** An object that holds many arrays as one matrix. A nest sees the matrix, and puts another one in its place. */
interface Packed {
  readonly matrix: unknown;
  /** The places of the arrays in the matrix. */
  readonly layout?: unknown;
  with(matrix: unknown): unknown;
}

/** Tells objects that a nest sees as their matrix. */
export const isPacked = (value: unknown): value is Packed =>
  isRecord(value) && 'matrix' in value && typeof value.with === 'function';

/**
 * The nest with `f` of every part that `test` recognises; other values stay as they are.
 * @param f gets the part, and the keys and indices that lead to it
 */
export const mapNest = <A, B>(
  nest: unknown,
  test: (part: unknown) => part is A,
  f: (part: A, path: readonly (string | number)[]) => B,
  path: readonly (string | number)[] = [],
): unknown => {
  if (test(nest)) return f(nest, path);
  if (Array.isArray(nest)) return nest.map((part, i) => mapNest(part, test, f, [...path, i]));
  if (isPacked(nest)) return nest.with(mapNest(nest.matrix, test, f, path));
  if (!isPlain(nest)) return nest;
  return Object.fromEntries(
    Object.entries(nest).map(([name, part]) => [name, mapNest(part, test, f, [...path, name])]),
  );
};

/** The parts of a nest that `test` recognises, in order. */
export const partsOf = <A>(nest: unknown, test: (part: unknown) => part is A): A[] => {
  const parts: A[] = [];
  mapNest(nest, test, (part) => void parts.push(part));
  return parts;
};

/** The nest with other values in the places of the parts that `test` recognises, in order. */
export const refill = <A>(
  nest: unknown,
  test: (part: unknown) => part is unknown,
  values: readonly unknown[],
): A => {
  const next = values[Symbol.iterator]();
  return mapNest(nest, test, () => next.next().value) as A;
};
