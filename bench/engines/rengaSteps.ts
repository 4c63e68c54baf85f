/** The library's training steps on its own engine. */
import * as tf from '@tensorflow/tfjs-core';
import { engine as startEngine, settle } from '../../lib/engine/index.js';
import type { Engine } from '../engine.js';
import { profile } from '../profile.js';
import { serve } from '../serve.js';
import { comparedSteps, trainingStep } from './trainingStep.js';

const engine: Engine = {
  start: async (threads) => {
    const { threads: found } = await startEngine({ backend: 'wasm', threads });
    if (found < threads) throw new Error(`it has ${found} thread here, not ${threads}`);
  },
  prepare: async (work) => {
    const { step, state: first, batch } = trainingStep(work);
    let state = first;
    const next = () => {
      const done = step(state, batch);
      state = done.state;
      return done.metrics.loss;
    };
    return {
      run: () => {
        next();
        settle();
      },
      outputs: async () => [Float32Array.from({ length: comparedSteps }, () => next().dataSync()[0])],
      profile: async () => profile(tf, () => void next(), settle),
    };
  },
};

serve(engine);
