/** The library's training steps, compiled for onnxruntime-node. */
import { engine as startEngine } from '../../lib/engine/index.js';
import { compileStep } from '../../lib/run/index.js';
import type { Engine } from '../engine.js';
import { serve } from '../serve.js';
import { comparedSteps, trainingStep } from './trainingStep.js';

let asked = 1;

const engine: Engine = {
  start: async (threads) => {
    asked = threads;
    await startEngine({ threads: 1 });
  },
  prepare: async (work) => {
    const { step, state: first, batch } = trainingStep(work);
    const compiled = compileStep(step, { threads: asked });
    let state: Parameters<typeof compiled>[0] = first;
    const next = async (): Promise<number> => {
      const done = await compiled(state, batch);
      state = done.state;
      return done.metrics.loss;
    };
    return {
      run: async () => void (await next()),
      outputs: async () => {
        const losses: number[] = [];
        while (losses.length < comparedSteps) losses.push(await next());
        return [Float32Array.from(losses)];
      },
    };
  },
};

serve(engine);
