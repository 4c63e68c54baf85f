/** Training steps computed by onnxruntime, for the loop: states are the loop's own between two steps. */
import * as tf from '@tensorflow/tfjs-core';
import { tensorsIn } from '../../lib/engine/index.js';
import { type CompileOptions, compileStep } from '../../lib/run/index.js';
import type { LoopStep } from '../../lib/train/train.js';
import { donate, own } from '../../lib/train/trainState.js';
import type { TrainStep } from '../../lib/train/trainStep.js';
import type { OptimizerState } from '../../lib/train/transformation.js';
import { versionOf } from '../engine.js';

/** The same step in onnxruntime. A state that it is given is freed, as by the step itself. */
export const compiledStep = <B, S extends OptimizerState>(
  step: TrainStep<B, S>,
  options: CompileOptions,
): LoopStep<B, S> & AsyncDisposable => {
  const compiled = compileStep(step, options);
  const run: (...args: Parameters<LoopStep<B, S>>) => Promise<ReturnType<TrainStep<B, S>>> = async (
    given,
    batch,
  ) => {
    const result = await compiled(given, batch);
    const state = await result.state.read();
    const metrics = Object.fromEntries(
      Object.entries(result.metrics).map(([name, value]) => [name, tf.scalar(value)]),
    );
    own(state, [tensorsIn(state), metrics]);
    donate(given);
    return { state, metrics };
  };
  return Object.assign(run, {
    init: step.init,
    averaged: step.averaged,
    parts: step.parts,
    ...(options.runtime && { engine: `onnxruntime ${versionOf(options.runtime)}` }),
    [Symbol.asyncDispose]: () => compiled.dispose(),
  });
};
