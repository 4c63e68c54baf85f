/**
 * Verification at full size without a download: initialise by seed, apply, and compare names, shapes, fingerprints of
 * parameters and sampled outputs with what the original computed.
 */
import * as tf from '@tensorflow/tfjs-core';
import { either as E } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import { map as mapRecord } from 'fp-ts/lib/Record.js';
import { array, float32, type HostArray, sizeOf, toFloat32 } from '../../lib/data/array.js';
import { type ConfigProblem, showConfigProblem } from '../../lib/data/config.js';
import { toHost, toTensor } from '../../lib/data/leaf.js';
import { foldIn, key, normal } from '../../lib/random/index.js';
import { sameShape, showShape } from '../../lib/data/shape.js';
import type { Tree } from '../../lib/data/tree.js';
import { adapters, type Program } from './adapters.js';
import { type Fingerprint, fingerprint, fingerprintProblem } from './fingerprint.js';
import { type RecipeInputs, recipeInputs, type RecipeParameters, recipeParameters } from './recipe.js';

/** Some values of an output. */
export interface SampledOutput {
  readonly shape: readonly number[];
  readonly indices: readonly number[];
  readonly values: readonly number[];
  /** Largest absolute difference allowed. */
  readonly tolerance: number;
}

/** What the original computed for a model made by seed. */
export interface Verification {
  readonly preset: string;
  /** DeepMind's constructor arguments. */
  readonly config: unknown;
  /** A recipe. */
  readonly inputs: string;
  /** A recipe. */
  readonly parameters: string;
  readonly num_parameters: number;
  /** By path `module/leaf`. */
  readonly params: Readonly<Record<string, Fingerprint>>;
  readonly state: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, SampledOutput>>;
}

/** One thing compared. */
export interface Comparison {
  readonly what: string;
  readonly problem?: string;
  /** Largest absolute difference, for outputs. */
  readonly difference?: number;
  readonly tolerance?: number;
}

export interface VerificationReport {
  readonly preset: string;
  readonly numParameters: number;
  readonly comparisons: readonly Comparison[];
  readonly initSeconds: number;
  readonly applySeconds: number;
  /** Largest resident memory of the process so far, where the platform tells. */
  readonly peakBytes?: number;
}

/** Whether nothing was found wrong. */
export const isVerified = ({ comparisons }: VerificationReport): boolean =>
  comparisons.every(({ problem }) => !problem);

const leaves = <A>(tree: Tree<A>): [path: string, leaf: A][] =>
  Object.entries(tree).flatMap(([module, named]) =>
    Object.entries(named).map(([name, leaf]): [string, A] => [`${module}/${name}`, leaf]),
  );

const byCodeUnit = (a: [string, unknown], b: [string, unknown]): number => (a[0] < b[0] ? -1 : 1);

const compareNames = (what: string, found: Iterable<string>, expected: Iterable<string>): Comparison => {
  const [has, wants] = [new Set(found), new Set(expected)];
  const missing = [...wants].filter((path) => !has.has(path));
  const unexpected = [...has].filter((path) => !wants.has(path));
  const list = (label: string, paths: string[]) =>
    paths.length ? [`${label} ${paths.slice(0, 5).join(', ')}`] : [];
  const problems = [...list('missing', missing), ...list('unexpected', unexpected)];
  return { what, problem: problems.length ? problems.join('; ') : undefined };
};

const compareParams = (params: Tree<HostArray>, expected: Verification['params']): Comparison[] =>
  leaves(params).map(([path, leaf]) => ({
    what: path,
    problem: path in expected ? fingerprintProblem(fingerprint(leaf), expected[path]) : undefined,
  }));

/** One output against what the original computed. */
export const compareOutput = (
  name: string,
  found: HostArray | undefined,
  expected: SampledOutput,
): Comparison => {
  const what = `output ${name}`;
  if (!found) return { what, problem: 'is missing' };
  if (!sameShape(found.shape, expected.shape)) {
    return { what, problem: `shape ${showShape(found.shape)}, expected ${showShape(expected.shape)}` };
  }
  const values = toFloat32(found);
  const difference = Math.max(
    ...expected.indices.map((index, i) => Math.abs(values[index] - expected.values[i])),
  );
  const { tolerance } = expected;
  const problem = difference <= tolerance ? undefined : `differs by ${difference}, allowed ${tolerance}`;
  return { what, difference, tolerance, problem };
};

/** Moves every leaf off its initial value, so that each one matters to the outputs. */
export const perturb = (params: Tree<HostArray>, { mode, noise, noiseKey }: RecipeParameters): void => {
  const { fround } = Math;
  leaves(params)
    .sort(byCodeUnit)
    .forEach(([, { data, shape }], i) => {
      const added = normal(foldIn(key(noiseKey, mode), i), shape).data;
      const values = data as Float32Array;
      for (let j = 0; j < values.length; j++)
        values[j] = fround(values[j] + fround(fround(noise) * added[j]));
    });
};

/** State as the recipes have it. */
export const unitVariances = (state: Tree<HostArray>): Tree<HostArray> => {
  const one = ({ shape, dtype }: HostArray) =>
    dtype === 'int32'
      ? array(shape, dtype, new Int32Array(sizeOf(shape)).fill(1))
      : float32(shape, new Float32Array(sizeOf(shape)).fill(1));
  return Object.fromEntries(
    Object.entries(state).map(([path, named]) => [
      path,
      path.endsWith('var_ema')
        ? Object.fromEntries(Object.entries(named).map(([name, leaf]) => [name, one(leaf)]))
        : named,
    ]),
  );
};

/** Largest resident memory of this process in bytes; undefined outside of Node. */
export const peakMemory = (): number | undefined =>
  typeof process === 'undefined' ? undefined : process.resourceUsage?.().maxRSS * 1024;

const seconds = async <A>(work: () => A | Promise<A>): Promise<[A, number]> => {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
};

/** A verification that can be carried out. */
export interface Prepared {
  readonly program: Program;
  readonly inputs: RecipeInputs;
  readonly recipe: RecipeParameters;
}

/** Reads a verification's recipes. */
export const prepare = ({ preset, config, inputs, parameters }: Verification): E.Either<string, Prepared> =>
  pipe(
    E.Do,
    E.bind('program', () =>
      Object.hasOwn(adapters, preset)
        ? E.mapLeft((all: readonly ConfigProblem[]) => all.map(showConfigProblem).join('; '))(
            adapters[preset](config),
          )
        : E.left(`no preset '${preset}'; there are ${Object.keys(adapters).join(', ')}`),
    ),
    E.bind('inputs', () => recipeInputs(inputs)),
    E.bind('recipe', () => recipeParameters(parameters)),
  );

const paths = (tree: Tree<unknown>): string[] => leaves(tree).map(([path]) => path);

/**
 * Verifies a preset; the engine must have been started.
 * @returns a report, or what cannot be read of the verification itself
 */
export const verify = async (expected: Verification): Promise<E.Either<string, VerificationReport>> => {
  const prepared = prepare(expected);
  if (E.isLeft(prepared)) return prepared;
  const { program, inputs, recipe } = prepared.right;
  const tensors = mapRecord(toTensor)(inputs.arrays);
  const initKey = key(recipe.initKey, recipe.mode);
  const [{ params, state }, initSeconds] = await seconds(() => program.init(initKey, tensors, inputs.points));
  const comparisons: Comparison[] = [
    compareNames('parameter names', paths(params), Object.keys(expected.params)),
    compareNames('state names', paths(state), Object.keys(expected.state)),
    ...compareParams(params, expected.params),
  ];
  perturb(params, recipe);
  const options = { key: key(recipe.applyKey, recipe.mode) };
  const [outputs, applySeconds] = await seconds(async () => {
    const placed = program.apply(params, unitVariances(state), options, tensors, inputs.points);
    const hosts = await Promise.all(Object.values(placed).map(toHost));
    tf.dispose(placed);
    return new Map(Object.keys(placed).map((name, i) => [name, hosts[i]]));
  });
  tf.dispose(tensors);
  for (const [name, sampled] of Object.entries(expected.outputs)) {
    comparisons.push(compareOutput(name, outputs.get(name), sampled));
  }
  const numParameters = leaves(params).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
  const { preset } = expected;
  return E.right({ preset, numParameters, comparisons, initSeconds, applySeconds, peakBytes: peakMemory() });
};
