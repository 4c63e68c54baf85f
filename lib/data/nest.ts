/**
 * Nests: what layers take and give, any nesting of records, lists and tensors. Unlike trees they have no fixed depth;
 * whatever is no tensor and no container passes through.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from './array.js';

/** An array of which only the shape is known. */
export interface ArraySpec {
  readonly shape: Shape;
  readonly dtype?: 'float32' | 'int32' | 'bool';
}

/** A nest in which a spec may stand for a tensor. */
export type SpecOf<A> = A extends Tensor
  ? Tensor | ArraySpec
  : A extends string | number | boolean | null | undefined | ((...inputs: never[]) => unknown)
    ? A
    : { readonly [K in keyof A]: SpecOf<A[K]> };

/** A nest with specs in the places of its tensors. */
export type Specs<A> = A extends Tensor
  ? ArraySpec
  : A extends string | number | boolean | null | undefined | ((...inputs: never[]) => unknown)
    ? A
    : { readonly [K in keyof A]: Specs<A[K]> };

const plain: readonly unknown[] = [Object.prototype, null];

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && plain.includes(Object.getPrototypeOf(value));

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
