/**
 * An operator's form in ONNX: a function that writes nodes for one kernel. The tables beside this file hold one
 * for each kernel of tfjs that has a form of its own.
 */
import type { Node } from '../../graph/graph.js';
import type { Emitter } from '../emitter.js';

/** A kernel that is being written. */
export interface Written {
  readonly node: Node;
  /** Names of its inputs, by the kernel's names for them. */
  readonly x: Readonly<Record<string, string>>;
  /** Its attributes, as tfjs has them. */
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly emitter: Emitter;
}

/** Writes a kernel; the names of its results. */
export type Operator = (kernel: Written) => string | readonly string[];

export type Operators = Readonly<Record<string, Operator>>;

/** The same operator for several kernels. */
export const forEach = (kernels: readonly string[], operator: (kernel: string) => Operator): Operators =>
  Object.fromEntries(kernels.map((kernel) => [kernel, operator(kernel)]));

/** Names of a row of inputs, in order. */
export const rowOf = ({ x }: Pick<Written, 'x'>): string[] => Object.values(x);

/** An axis counted from the front. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
