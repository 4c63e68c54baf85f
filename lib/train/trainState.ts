/**
 * The state of a training run: parameters, the model's state, the optimizer's, the number of updates, the random key.
 * Arrays only. A state that a step or its `init` returned belongs to the step, which frees it when it is handed to the next one, as
 * JAX's `donate_argnums` does; one that the caller made stays the caller's.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { type HostArray } from '../data/array.js';
import { asHost, isTensor, type Leaf, type Params, type State, toHostSync } from '../data/leaf.js';
import { flatten, map, type Tree, unflatten } from '../data/tree.js';
import { donate, expectNotDonated, readAtOnce, tidy } from '../engine/index.js';
import { type Key, type Mode, openWords } from '../random/index.js';
import { kindOf } from '../data/weights.js';
import { expectTrainState } from './expectState.js';
import { Leaves, unpack } from './leaves.js';
import type { OptimizerState } from './transformation.js';

/** A moving average of the trained parameters. */
export interface AveragedParams {
  readonly count: tf.Tensor;
  readonly average: Leaves;
}

export interface TrainState<S extends OptimizerState = OptimizerState> {
  readonly params: Params<Leaf>;
  readonly state: State<Leaf>;
  readonly optimizer: S;
  /** The number of updates so far, int32 []. */
  readonly step: Leaf;
  /**
   * The key of the next step, [2]: the words of a threefry key. It stays on the host, where layers draw from it, and
   * moves on with every step, also with one whose result is not kept.
   */
  readonly key: HostArray<'uint32'>;
  /** Only where a step was asked for it. */
  readonly ema?: AveragedParams;
}

/** A key as an array, and back. */
export const arrayOfKey = ({ words }: Key): HostArray<'uint32'> => ({
  shape: [2],
  dtype: 'uint32',
  // The words of an open key have no numbers: a program that is written down hands them on as they are.
  data: openWords(words) ? (words as unknown as Uint32Array) : Uint32Array.from(words),
});

export const keyOfArray = ({ data }: HostArray<'uint32'>, mode: Mode = 'partitionable'): Key => ({
  mode,
  words: [data[0], data[1]],
});

/**
 * Refuses what is no train state, and a state that was handed on before and is no more.
 * @param where  the function that was given it
 * @throws TypeError; Error for a state that is no more
 */
export const expectAlive = (where: string, state: TrainState): void => {
  expectTrainState(where, state);
  expectNotDonated(state);
};

/** The parameters and state of a model as host arrays. */
export interface HostWeights {
  readonly params: Params<HostArray>;
  readonly state: State<HostArray>;
}

/** The tree with the values of its tensors. */
export const hosts = async (tree: Tree<Leaf>): Promise<Tree<HostArray>> =>
  unflatten(
    await Promise.all(flatten(tree).map(async ([path, leaf]) => [path, await asHost(leaf)] as const)),
  );

/** The weights of a state, on the host; the state stays as it is. */
export const weightsOf = async (state: TrainState): Promise<HostWeights> => {
  expectAlive('weightsOf', state);
  return { params: (await hosts(state.params)) as Params<HostArray>, state: await hosts(state.state) };
};

/**
 * The weights of the last state of a training, on the host. The state is handed on, as to a step: one that a step returned
 * is freed, one that the caller made stays the caller's.
 */
export const takeWeights = async (state: TrainState): Promise<HostWeights> => {
  const weights = await weightsOf(state);
  donate(state);
  return weights;
};

/** The packed leaves as a tree of host arrays; on WebGPU their values have to be awaited before. */
export const hostLeaves = (leaves: Leaves): Tree<HostArray> => {
  if (!(leaves instanceof Leaves))
    throw new TypeError(
      `hostLeaves: the leaves are ${kindOf(leaves)}, expected packed leaves, as pack gives them`,
    );
  return readAtOnce(() => tidy(() => map(unpack(leaves), toHostSync)));
};

/** The number of updates so far. */
export const stepOf = (state: TrainState): number => {
  expectTrainState('stepOf', state);
  const { step } = state;
  return Number((isTensor(step) ? step.dataSync() : step.data)[0]);
};
