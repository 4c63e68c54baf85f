/** Programs exported to JAX: their files, the arguments that they are called with, and what was found there. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { type HostArray, sizeOf } from '../../lib/data/array.js';
import { formatNpz } from '../../lib/checkpoint/index.js';
import { isTensor, type Leaf, toHostSync } from '../../lib/data/leaf.js';
import { mapNest } from '../../lib/data/nest.js';
import { unflatten } from '../../lib/data/tree.js';
import type { OpenSpecOf } from '../../lib/graph/openSizes.js';
import { exportJax, type JaxOptions } from '../../lib/stablehlo/index.js';
import { pyTreeOf, tupleOf } from '../../lib/stablehlo/pyTree.js';
import { type Layout, Leaves, width } from '../../lib/train/leaves.js';
import { readArrays } from '../golden/case.js';
import type { Check } from '../golden/compare.js';
import { type Finding, finding } from './finding.js';
import { runScript } from './process.js';

/** A function to export, the shapes that it is exported for, and arguments to call it with. */
export interface JaxCase {
  readonly what: string;
  readonly folder: string;
  readonly f: (...args: readonly never[]) => unknown;
  readonly specs: readonly unknown[];
  readonly options?: JaxOptions;
  readonly args: readonly unknown[];
  /** A pickle that has the first argument, or parameters and state, in the place of `args`' own. */
  readonly pickle?: { readonly path: string; readonly args: number };
  /** Of the float results, in order; gradients are computed where they are given. */
  readonly cotangents?: readonly Leaf[];
}

export const isArray = (part: unknown): part is Leaf =>
  isTensor(part) ||
  (typeof part === 'object' && part !== null && Array.isArray((part as HostArray).shape) && 'data' in part);

const hostOf = (leaf: Leaf): HostArray => (isTensor(leaf) ? toHostSync(leaf) : leaf);

/** The places of leaves in JAX's order. */
export const placesOf = (nests: readonly unknown[]): ReadonlyMap<Leaf, number> =>
  new Map(tupleOf(nests.map((nest) => pyTreeOf(nest, isArray))).leaves.map((leaf, i) => [leaf, i]));

/** The leaves of a packed matrix, which is [rows, 64]. */
export const leavesIn = ({ starts, slots }: Layout, { data }: HostArray): readonly HostArray[] =>
  slots.map(({ shape }, i) => ({
    shape,
    dtype: 'float32',
    data: (data as Float32Array).slice(starts[i] * width, starts[i] * width + sizeOf(shape)),
  }));

const isLeaves = (part: unknown): part is Leaves => part instanceof Leaves;

/** A nest with trees in the places of packed leaves, as it is in JAX. */
const apart = (nest: unknown): unknown =>
  mapNest(nest, isLeaves, ({ layout, matrix }) => {
    const leaves = leavesIn(layout, hostOf(matrix));
    return unflatten(layout.slots.map(({ path }, i) => [path, leaves[i]]));
  });

/** The leaves of nests in JAX's order. */
export const leavesOf = (nests: readonly unknown[]): readonly HostArray[] =>
  tupleOf(nests.map((nest) => pyTreeOf(apart(nest), isArray))).leaves.map(hostOf);

const write = ({ folder, f, specs, options, args, pickle, cotangents = [] }: JaxCase): void => {
  mkdirSync(folder, { recursive: true });
  const file = exportJax(f as never, specs as OpenSpecOf<readonly unknown[]>, {
    withGradient: cotangents.length > 0,
    ...options,
  });
  writeFileSync(join(folder, 'model.jax'), file);
  const named = [
    ...leavesOf(args.slice(pickle?.args ?? 0)).map((array, i) => [String(i), array] as const),
    ...cotangents.map((leaf, i) => [`ct${i}`, hostOf(leaf)] as const),
  ];
  if (pickle) copyFileSync(pickle.path, join(folder, 'params.pickle'));
  if (named.length > 0) writeFileSync(join(folder, 'in.npz'), formatNpz(named));
};

/** Results of JAX for a case. @throws Error with the problem of a case that could not be exported or called */
export type FoundFor = (aCase: JaxCase) => ReadonlyMap<string, HostArray>;

/** Exports all cases and calls them in one Python. */
export const callCases = async (python: string, cases: readonly JaxCase[]): Promise<FoundFor> => {
  const problems = new Map<string, string>();
  for (const aCase of cases) {
    try {
      tf.tidy(() => write(aCase));
    } catch (error) {
      problems.set(aCase.folder, error instanceof Error ? error.message : String(error));
    }
  }
  const folders = cases.map(({ folder }) => folder).filter((folder) => !problems.has(folder));
  const called = (await runScript(python, 'run_jax.py', ...folders)) as Record<string, string>;
  return ({ folder }) => {
    const problem = problems.get(folder) ?? called[folder];
    if (problem !== undefined) throw new Error(problem);
    return readArrays(join(folder, 'out.npz'));
  };
};

/** A case with checks of what JAX found: results by their numbers, gradients as `g0`, … */
export interface ComparedCase extends JaxCase {
  readonly compare: (found: ReadonlyMap<string, HostArray>) => readonly Check[];
}

/** Exports all cases, calls them in one Python, and compares. */
export const tryCases = async (python: string, cases: readonly ComparedCase[]): Promise<Finding[]> => {
  const foundFor = await callCases(python, cases);
  return Promise.all(cases.map((aCase) => finding(aCase.what, () => aCase.compare(foundFor(aCase)))));
};
