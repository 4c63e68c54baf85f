/** A training step of the library: the loss of a work, its gradients, and Adam. */
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32 } from '../../lib/data/array.js';
import type { Params, State } from '../../lib/data/leaf.js';
import { transformWithState } from '../../lib/language/transform.js';
import { key } from '../../lib/random/index.js';
import {
  adam,
  type Loss,
  softmaxCrossEntropyWithIntegerLabels,
  trainStep,
  weighted,
} from '../../lib/train/index.js';
import { paramValues } from '../fill.js';
import { inputValues } from '../inputs.js';
import type { InputSpec, Work } from '../work.js';
import { modelOf } from '../works/steps.js';
import { filled, layerOf, outlineOf, presetOf } from './rengaPrograms.js';

interface Batch {
  readonly inputs: readonly HostArray[];
  readonly targets: HostArray;
}

const hostOf = (spec: InputSpec): HostArray => {
  const values = inputValues(spec);
  return values instanceof Int32Array ? int32(spec.shape, values) : float32(spec.shape, values);
};

type Apply = ReturnType<typeof transformWithState>['apply'];

const applyOf = ({ library }: Work): Apply => {
  if (library.kind === 'preset') return presetOf(library).apply as unknown as Apply;
  if (library.kind === 'layer') return transformWithState(layerOf(library)).apply as unknown as Apply;
  throw new Error('only presets and layers are trained');
};

/** The mean over labels, or over elements. */
const lossOf = (work: Work): Loss<Batch> => {
  const apply = applyOf(work);
  return ({ params, state }, { inputs, targets }, options) => {
    const { output, state: next } = apply(params, state, options, ...(inputs as never[]));
    const found = output as unknown as tf.Tensor;
    if (work.loss === 'squares') return { ...weighted(tf.squaredDifference(found, targets)), state: next };
    const logits = tf.reshape(found, [-1, found.shape[found.rank - 1]]);
    return { ...weighted(softmaxCrossEntropyWithIntegerLabels(logits, targets)), state: next };
  };
};

/** A step, its first state and its batch, of the benchmark's values. */
export const trainingStep = (work: Work) => {
  const outlined = outlineOf(modelOf(work));
  if (!outlined || !work.loss) throw new Error('the work is no training step');
  const fill = <T extends Params | State>(tree: Parameters<typeof filled>[0]): T =>
    filled(
      tree,
      (path, leaf, shape): HostArray => float32(shape, paramValues(path, leaf, shape)),
      () => int32([], [1]),
    ) as T;
  const weights = { params: fill<Params>(outlined.params), state: fill<State>(outlined.state) };
  const step = trainStep(lossOf(work), adam(1e-3));
  const values = work.inputs.map(hostOf);
  const batch: Batch = { inputs: values.slice(0, -1), targets: values[values.length - 1] };
  return { step, state: step.init(weights, key(0)), batch };
};

/** Steps whose losses are compared. */
export const comparedSteps = 3;
