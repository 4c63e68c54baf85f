/**
 * Verification at full size without a download: initialise by seed, apply, and compare names, shapes, fingerprints of
 * parameters and sampled outputs with those of the original.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { map as mapRecord } from 'fp-ts/lib/Record.js';
import { array, float32, type HostArray, sizeOf, toFloat32 } from '../../lib/data/array.js';
import { type ConfigProblem, showConfigProblem } from '../../lib/data/config.js';
import { type Params, type State, toHost, toTensor } from '../../lib/data/leaf.js';
import { tidy } from '../../lib/engine/index.js';
import type { ApplyOptions } from '../../lib/language/transform.js';
import { foldIn, type Key, key, normal } from '../../lib/random/index.js';
import { sameShape, showShape } from '../../lib/data/shape.js';
import type { Tree } from '../../lib/data/tree.js';
import type { AnyModel, AnyPreset } from '../preset.js';
import { presets } from '../registry.js';
import { type Fingerprint, fingerprint, fingerprintProblem } from './fingerprint.js';
import { type RecipeInputs, recipeInputs, type RecipeParameters, recipeParameters } from './inputs.js';
import type { Original, Points, Tensors } from './original.js';

/** Some values of an output. */
export interface SampledOutput {
  readonly shape: readonly number[];
  readonly indices: readonly number[];
  readonly values: readonly number[];
  /** Largest absolute difference allowed. */
  readonly tolerance: number;
}

/** Outputs and parameters of the original for a model made by seed. */
export interface Verification {
  readonly preset: string;
  /** DeepMind's constructor arguments. */
  readonly config: unknown;
  /** Sentences that make the inputs; see inputs.ts. */
  readonly inputs: string;
  /** A sentence that makes the parameters; see inputs.ts. */
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
  /** Largest resident memory of the process so far; undefined outside of Node. */
  readonly peakBytes?: number;
}

/** Tells whether no comparison found a problem. */
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

/** Compares one output with the original's. */
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

/** State with variances of one, as in the original's runs. */
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

/** A model whose inputs and outputs have names. */
export interface Program {
  readonly model: AnyModel;
  /** The arguments of the network in their order. */
  readonly argumentsOf: (inputs: Tensors, points: Points) => readonly unknown[];
  readonly init: (
    key: Key,
    inputs: Tensors,
    points: Points,
  ) => { params: Params<HostArray>; state: State<HostArray> };
  readonly apply: (
    params: Params,
    state: State,
    options: ApplyOptions,
    inputs: Tensors,
    points: Points,
  ) => Tensors;
}

/** Presets that have an original at full size. */
export const originals: Readonly<Record<string, () => Promise<Original>>> = Object.fromEntries(
  Object.entries(presets as Readonly<Record<string, AnyPreset>>).flatMap(([name, { original }]) =>
    original ? [[name, original]] : [],
  ),
);

const programOf = (
  { argumentsOf, outputsOf = (logits: tf.Tensor) => ({ logits }) }: Original,
  model: AnyModel,
): Program => {
  const given = (inputs: Tensors, points: Points) => argumentsOf(inputs, points, model.config as never);
  return {
    model,
    argumentsOf: given,
    init: (key, inputs, points) => tidy(() => model.init(key, ...given(inputs, points)) as never),
    apply: (params, state, options, inputs, points) =>
      tf.tidy(() => {
        const { output } = model.apply(params, state, options, ...given(inputs, points));
        return outputsOf(output as never) as tf.NamedTensorMap;
      }),
  };
};

/** A verification that can be carried out. */
export interface Prepared {
  readonly program: Program;
  readonly inputs: RecipeInputs;
  readonly recipe: RecipeParameters;
}

/** Reads a verification's sentences, and makes its model of its config. */
export const prepare = async ({
  preset: name,
  config,
  inputs,
  parameters,
}: Verification): Promise<E.Either<string, Prepared>> => {
  if (!Object.hasOwn(originals, name))
    return E.left(`no preset '${name}'; there are ${Object.keys(originals).join(', ')}`);
  const original = await originals[name]();
  const preset: AnyPreset = presets[name as keyof typeof presets];
  return pipe(
    E.Do,
    E.bind('program', () =>
      pipe(
        preset.fromHaiku(config),
        E.bimap(
          (all: readonly ConfigProblem[]) => all.map(showConfigProblem).join('; '),
          (model: AnyModel) => programOf(original, model),
        ),
      ),
    ),
    E.bind('inputs', () => recipeInputs(inputs)),
    E.bind('recipe', () => recipeParameters(parameters)),
  );
};

const paths = (tree: Tree<unknown>): string[] => leaves(tree).map(([path]) => path);

/**
 * Verifies a preset; the engine must have been started.
 * @returns a report, or on the left the part of the verification that cannot be read
 */
export const verify = async (expected: Verification): Promise<E.Either<string, VerificationReport>> => {
  const prepared = await prepare(expected);
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
