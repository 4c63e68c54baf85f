/**
 * The library itself.
 */
import * as tf from '@tensorflow/tfjs-core';
import { engine as startEngine, settle } from '../../lib/engine/index.js';
import { key } from '../../lib/random/index.js';
import { flatten } from '../../lib/data/tree.js';
import type { Engine, Prepared } from '../engine.js';
import { serve } from '../serve.js';
import { inputTensor, keptParams, preparedTensors } from '../tensors.js';
import type { Work } from '../work.js';
import { initialised } from '../works/initialisation.js';
import { presetOf, runOf } from './rengaPrograms.js';

/** A model's parameters by seed, in the order in which they are asked for. */
const preparedInit = ({ library }: Work): Prepared => {
  if (library.kind !== 'preset') throw new Error('only presets are initialised here');
  const model = presetOf(library);
  const init = () => model.init(key(initialised.seed)).params;
  return {
    run: () => void init(),
    outputs: async () => flatten(init()).map(([, { data }]) => data as Float32Array),
  };
};

const engine: Engine = {
  start: async (threads) => {
    const info = await startEngine({ backend: 'wasm', threads, wasmPath: process.env.BENCH_RENGA_WASM });
    if (info.backend !== 'wasm') throw new Error(`the wasm backend does not run: ${info.reason}`);
    if (info.threads < threads) throw new Error(`it has ${info.threads} thread here, not ${threads}`);
  },
  prepare: async (work) => {
    const tensors = work.inputs.map((input) => inputTensor(tf, input));
    if (work.group === 'initialisation') return preparedInit(work);
    const run = runOf(work, keptParams(tf));
    return preparedTensors(tf, () => run(tensors), settle);
  },
};

serve(engine);
