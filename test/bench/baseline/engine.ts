/**
 * The baseline: composed programs on the stock wasm backend, of tfjs as it was pinned beside this file's peers.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as wasm from '@tensorflow/tfjs-backend-wasm';
import { count } from '../count.js';
import type { Engine } from '../engine.js';
import { serve } from '../serve.js';
import { inputTensor, keptParams, preparedTensors } from '../tensors.js';
import { baselineOps } from './ops.js';

const engine: Engine = {
  start: async () => {
    wasm.setWasmPaths(process.env.BENCH_TFJS_WASM as string);
    await tf.setBackend('wasm');
    return { '@tensorflow/tfjs-backend-wasm': wasm.version_wasm, '@tensorflow/tfjs-core': tf.version_core };
  },
  prepare: async ({ inputs, program }) => {
    const param = keptParams(tf);
    const ops = baselineOps(param);
    const { params } = count(
      program,
      inputs.map(({ shape }) => shape),
    );
    params.forEach(({ path, leaf, shape }) => param(path, leaf, shape));
    const tensors = inputs.map((input) => inputTensor(tf, input));
    return preparedTensors(tf, () => program(ops, tensors));
  },
};

serve(engine);
