/**
 * Small helps to write works down with.
 */
import type { Program, Shape } from '../ops.js';
import type { InputSpec, LibraryCall, Work } from '../work.js';

const byOperations: LibraryCall = { kind: 'operations' };

/** Inputs of ordinary numbers; as many as there are shapes. */
export const numbers = (shapes: readonly Shape[], range = 1): readonly InputSpec[] =>
  shapes.map((shape, i) => ({ name: `input ${i}`, shape, kind: 'normal', range }));

/** A kernel: one operation, or few. */
export const kernel = (
  name: string,
  inputs: readonly InputSpec[],
  program: Program,
  more: Partial<Work> = {},
): Work => ({ name, group: 'kernel', inputs, program, library: byOperations, tolerance: 1e-4, ...more });

/** A layer of the library, by the name of its constructor and what it is called with. */
export const layer = (
  name: string,
  constructor: string,
  options: readonly unknown[],
  inputs: readonly InputSpec[],
  program: Program,
  more: Partial<Work> = {},
): Work => ({
  name,
  group: 'layer',
  inputs,
  program,
  library: { kind: 'layer', constructor, options },
  tolerance: 1e-4,
  ...more,
});

/** Shapes with the works that they are of. */
export type Table<A extends readonly unknown[]> = readonly (readonly [where: string, ...sizes: A])[];
