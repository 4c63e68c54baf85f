/**
 * The library itself.
 */
import * as tf from '@tensorflow/tfjs-core';
import { engine as startEngine } from '../../../lib/engine/index.js';
import type { Engine } from '../engine.js';
import { serve } from '../serve.js';
import { inputTensor, keptParams, preparedTensors } from '../tensors.js';
import { runOf } from './rengaPrograms.js';

const engine: Engine = {
  start: async (threads) => {
    const info = await startEngine({ backend: 'wasm', threads, wasmPath: process.env.BENCH_RENGA_WASM });
    if (info.backend !== 'wasm') throw new Error(`the wasm backend does not run: ${info.reason}`);
    if (info.threads < threads) throw new Error(`it has ${info.threads} thread here, not ${threads}`);
    return {};
  },
  prepare: async (work) => {
    const tensors = work.inputs.map((input) => inputTensor(tf, input));
    const run = runOf(work, keptParams(tf));
    return preparedTensors(tf, () => run(tensors));
  },
};

serve(engine);
