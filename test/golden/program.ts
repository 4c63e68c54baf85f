/**
 * Runs a program on a stored case and compares all of it: the tree that init makes and its values, outputs, new
 * state, gradients. Which program a case means is other files' matter.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../../lib/data/array.js';
import { gradients } from '../../lib/engine/index.js';
import {
  awaitValues,
  isTensor,
  type Params,
  type State,
  toHost,
  toHostSync,
  toTensor,
} from '../../lib/data/leaf.js';
import { partsOf } from '../../lib/data/nest.js';
import { outline } from '../../lib/language/outline.js';
import type { Layer } from '../../lib/language/scope.js';
import { type ApplyOptions, transformWithState } from '../../lib/language/transform.js';
import { flatten, map, unflatten } from '../../lib/data/tree.js';
import type { Golden, Named } from './case.js';
import {
  type Check,
  compare,
  compareDraws,
  compareShapes,
  compareTrees,
  failing,
  passes,
} from './compare.js';

export type Inputs = Readonly<Record<string, tf.Tensor>>;
/** One tensor, or several by name; the first is the one whose gradient is stored. */
export type Outputs = tf.Tensor | Inputs;

export interface Program {
  readonly layer: Layer<[inputs: Inputs], Outputs>;
  readonly isTraining: boolean;
  /** The mode of init; training if not given. */
  readonly isInitTraining?: boolean;
  /** The layer that init ran, where it was called in another way. */
  readonly initLayer?: Program['layer'];
  /** Number of calls in a row, the state handed on; 1 if not given. */
  readonly calls?: number;
  /** Inputs of the n-th call, from 1; the stored ones if not given. */
  readonly inputsAt?: (inputs: Inputs, n: number) => Inputs;
  /** Interceptors and changed parameters. */
  readonly options?: Pick<ApplyOptions, 'intercept' | 'param'>;
  /** The scalar whose gradient is stored; the sum of the first output times the cotangent if not given. */
  readonly loss?: (outputs: Inputs, cotangent: tf.Tensor) => tf.Tensor;
}

const named = (outputs: Outputs): Inputs => (isTensor(outputs) ? { '': outputs } : outputs);

const mapNamed = <A, B>(
  record: Readonly<Record<string, A>>,
  f: (value: A) => B,
): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));

const asHost = (leaf: HostArray | tf.Tensor): HostArray => (isTensor(leaf) ? toHostSync(leaf) : leaf);

/** The name of an output's array in the `.npz`. */
const outputName = (name: string): string => (name === '' ? 'out' : `out/${name}`);

const compareNamed = (
  nameOf: (name: string) => string,
  found: Named,
  stored: Named,
  tolerance: number,
): Check[] =>
  Object.entries(stored).map(([name, array]) =>
    Object.hasOwn(found, name)
      ? compare(nameOf(name), found[name], array, tolerance)
      : failing(nameOf(name), 'there is none'),
  );

/** The tree that the program asks for is the stored one. */
const checkTree = (
  { layer: called, initLayer: layer = called, isInitTraining: isTraining = true }: Program,
  golden: Golden,
  inputs: Inputs,
): Check[] => {
  const asked = outline(layer, [inputs], { isTraining });
  return [
    ...compareTrees('param', asked.params, golden.params, compareShapes),
    ...compareTrees('state', asked.state, golden.initState ?? golden.state, compareShapes),
  ];
};

/** Init by the stored key gives the stored parameters, and the state that the first batch leaves. */
const checkInit = (
  { layer: called, initLayer: layer = called, isInitTraining: isTraining = true }: Program,
  golden: Golden,
  inputs: Inputs,
  tolerance: number,
): Check[] => {
  if (!golden.initKey || !(golden.init || golden.initState)) return [];
  const { params, state } = transformWithState(layer, { isTraining }).init(golden.initKey, inputs);
  return [
    ...compareTrees('init', params, golden.init ?? {}, compareDraws),
    ...compareTrees('state', state, golden.initState ?? golden.state, (array, found, stored) =>
      compare(array, found, stored, tolerance),
    ),
  ];
};

/** Checks that apply left no tensors behind but its results, and frees those. */
const checkTensors = (before: number, results: readonly unknown[]): Check[] => {
  const tensors = new Set(results.flatMap((result) => partsOf(result, isTensor)));
  const left = tf.memory().numTensors - before - tensors.size;
  tensors.forEach((tensor) => tensor.dispose());
  return left === 0 ? [] : [failing('memory', `apply leaves ${left} tensors`)];
};

/** The outputs and the state of some calls in a row. */
const callsOf = (
  { layer, isTraining, options: hooks, inputsAt = (inputs) => inputs }: Program,
  golden: Golden,
  inputs: Inputs,
  calls: number,
): { readonly output: Outputs | undefined; readonly state: State } => {
  const { apply } = transformWithState(layer);
  let last: { output: Outputs | undefined; state: State } = { output: undefined, state: golden.state };
  for (let n = 1; n <= calls; n++) {
    const before = last;
    const options = { ...hooks, isTraining, key: golden.key };
    last = tf.tidy(
      () => apply(golden.params as Params, before.state, options, inputsAt(inputs, n)) as never,
    ) as typeof last;
    const kept = new Set(partsOf(last, isTensor));
    partsOf(before, isTensor).forEach((tensor) => kept.has(tensor) || tensor.dispose());
  }
  return last;
};

const checkApply = async (
  program: Program,
  golden: Golden,
  inputs: Inputs,
  tolerance: number,
): Promise<Check[]> => {
  const before = tf.memory().numTensors;
  const { output, state } = callsOf(program, golden, inputs, program.calls ?? 1);
  await awaitValues([output, state]);
  const within = (array: string, found: HostArray, stored: HostArray) =>
    compare(array, found, stored, tolerance);
  const outputs = mapNamed(named(output as Outputs), toHostSync);
  const newState = map(state, asHost);
  return [
    ...checkTensors(before, [output, state]),
    ...compareNamed(outputName, outputs, golden.outputs, tolerance),
    ...(golden.newState ? compareTrees('newstate', newState, golden.newState, within) : []),
  ];
};

/** Gradients of the last call's loss; zeros for inputs that the loss does not depend on. */
const gradientsOf = async (program: Program, golden: Golden, inputs: Inputs, cotangent: tf.Tensor) => {
  const { layer, isTraining, options: hooks, calls = 1 } = program;
  const { loss: lossOf = (outputs, dy) => tf.sum(tf.mul(Object.values(outputs)[0], dy)) } = program;
  const { apply } = transformWithState(layer);
  const { state } = callsOf(program, golden, inputs, calls - 1);
  const options = { ...hooks, isTraining, key: golden.key };
  const names = Object.keys(inputs);
  const paths = flatten(golden.params).map(([path]) => path);
  const loss = (xs: readonly tf.Tensor[]): tf.Tensor => {
    const given = Object.fromEntries(names.map((name, i) => [name, xs[i]]));
    const params = unflatten(paths.map((path, i) => [path, xs[names.length + i]]));
    const { output } = apply(params as Params, state, options, given);
    return lossOf(named(output), cotangent);
  };
  const leaves = flatten(golden.params).map(([, leaf]) => toTensor(leaf));
  const { grads } = gradients(loss, [...Object.values(inputs), ...leaves]);
  const hosts = await Promise.all(grads.map(toHost));
  return {
    inputs: Object.fromEntries(names.map((name, i) => [name, hosts[i]])),
    params: unflatten(paths.map((path, i) => [path, hosts[names.length + i]])),
  };
};

/** `tf.tidy` for a program that waits; nothing else may make tensors meanwhile. */
export const tidied = async <A>(run: () => Promise<A>): Promise<A> => {
  tf.engine().startScope();
  try {
    return await run();
  } finally {
    tf.engine().endScope();
  }
};

const checkGradients = async (
  program: Program,
  golden: Golden,
  inputs: Inputs,
  tolerance: number,
): Promise<Check[]> => {
  if (!golden.gradient) return [];
  const stored = golden.gradient;
  const found = await tidied(() => gradientsOf(program, golden, inputs, toTensor(stored.cotangent)));
  return [
    ...compareTrees('grad_param', found.params, stored.params, (array, own, expected) =>
      compare(array, own, expected, tolerance),
    ),
    ...compareNamed((name) => `grad_in/${name}`, found.inputs, stored.inputs, tolerance),
  ];
};

/** Runs a program on a case's inputs, and compares whatever the case stores. */
export const checkProgram = async (program: Program, golden: Golden, tolerance: number): Promise<Check[]> => {
  const inputs = mapNamed(golden.inputs, toTensor);
  const tree = checkTree(program, golden, inputs);
  // A program that asks for other parameters than the stored ones cannot be applied to them.
  const checks = tree.every(passes)
    ? [
        ...checkInit(program, golden, inputs, tolerance),
        ...(await checkApply(program, golden, inputs, tolerance)),
        ...(await checkGradients(program, golden, inputs, tolerance)),
      ]
    : [];
  Object.values(inputs).forEach((tensor) => tensor.dispose());
  return [...tree, ...checks];
};
