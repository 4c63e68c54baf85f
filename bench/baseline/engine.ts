/**
 * The baseline: composed programs on the stock wasm backend, of tfjs as it was pinned beside this file's peers.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as wasm from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { count, type TrainedArray } from '../count.js';
import type { Engine } from '../engine.js';
import type { Program } from '../ops.js';
import { serve } from '../serve.js';
import { inputTensor, keptParams, preparedTensors } from '../tensors.js';
import { crossEntropy, descend } from '../training.js';
import { registerFallbacks } from './fallbacks.js';
import { baselineOps } from './ops.js';

/** The loss, the gradients and the new parameters. */
const trainingStep = (
  program: Program,
  names: readonly TrainedArray[],
  weights: tf.Tensor[],
  tensors: readonly tf.Tensor[],
): readonly tf.Tensor[] => {
  const lossOf = (...params: tf.Tensor[]): tf.Tensor => {
    const byName = new Map(names.map(({ path, leaf }, i) => [`${path}/${leaf}`, params[i]]));
    const ops = baselineOps((path, leaf) => byName.get(`${path}/${leaf}`) as tf.Tensor);
    const [logits] = program(ops, tensors.slice(0, -1));
    return crossEntropy(tf, logits, tensors[tensors.length - 1]);
  };
  const { value, grads } = tf.valueAndGrads(lossOf)(weights);
  return [value, ...grads, ...descend(tf, weights, grads)];
};

const engine: Engine = {
  start: async () => {
    wasm.setWasmPaths(process.env.BENCH_TFJS_WASM as string);
    registerFallbacks();
    await tf.setBackend('wasm');
  },
  prepare: async ({ group, inputs, program }) => {
    if (group === 'initialisation') throw new Error('stock tfjs does not draw these numbers');
    const param = keptParams(tf);
    const { params } = count(
      program,
      inputs.map(({ shape }) => shape),
    );
    const weights = params.map(({ path, leaf, shape }) => param(path, leaf, shape));
    const tensors = inputs.map((input) => inputTensor(tf, input));
    const ops = baselineOps(param);
    if (group !== 'training') return preparedTensors(tf, () => program(ops, tensors));
    return preparedTensors(tf, () => trainingStep(program, params, weights, tensors));
  },
};

serve(engine);
