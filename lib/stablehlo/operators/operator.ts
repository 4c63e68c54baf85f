/**
 * An operator's form in StableHLO: a function that writes operations for one kernel. The tables beside this file hold one
 * for each kernel that has a form of its own; others are written as the kernels that they are composed of.
 */
import { UnsupportedError } from '../../graph/unsupportedError.js';
import type { Node } from '../../graph/graph.js';
import { isSymbolic, type Size } from '../../graph/size.js';
import type { Emitter } from '../emitter.js';
import type { Ref, Typed } from '../value.js';

/** A kernel that is being written. */
export interface Written {
  readonly node: Node;
  /** Its inputs, by the kernel's names for them. */
  readonly x: Readonly<Record<string, Ref>>;
  /** Its attributes, as tfjs has them. */
  readonly attrs: Readonly<Record<string, unknown>>;
  /** The shape and type of its first result. */
  readonly out: Typed;
  readonly emitter: Emitter;
}

/** Writes a kernel; its results. */
export type Operator = (kernel: Written) => Ref | readonly Ref[];

export type Operators = Readonly<Record<string, Operator>>;

/** A row of inputs, in order. */
export const rowOf = ({ x }: Pick<Written, 'x'>): Ref[] => Object.values(x);

/** An axis counted from the front. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The axes of a rank: 0, 1, …. */
export const axesOf = (rank: number): number[] => Array.from({ length: rank }, (_, axis) => axis);

/** Sizes that must be numbers. @throws UnsupportedError where one is left open */
export const known = (sizes: readonly Size[], what: string): readonly number[] => {
  if (sizes.some(isSymbolic))
    throw new UnsupportedError(`${what} with open sizes: give numbers in their places`);
  return sizes as readonly number[];
};
