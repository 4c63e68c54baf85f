/** Training steps that another program computes, for the loop: its states are the loop's own between two steps. */
import * as tf from '@tensorflow/tfjs-core';
import { expectKnown } from '../data/nearest.js';
import { kindOf } from '../data/weights.js';
import { donate, own, tensorsIn } from '../engine/index.js';
import type { LoopStep } from './train.js';
import type { TrainState } from './trainState.js';
import type { TrainStep } from './trainStep.js';
import type { OptimizerState } from './transformation.js';

/** A step that another program computes, as `compileStep` of `renga/run` makes one: it keeps the next state until it is read. */
export type ComputedStep<B, S extends OptimizerState> = (
  state: TrainState<S>,
  batch: B,
) => Promise<{
  readonly state: { readonly read: () => Promise<TrainState<S>>; readonly dispose: () => void };
  readonly metrics: Readonly<Record<string, number>>;
}>;

/**
 * A compiled step for `train`, with evaluation and checkpoints: after each step its state is read. Whoever compiled it
 * disposes of it after the run.
 * @param step      the step itself: the loop looks with it for the place of a number that is not finite
 * @param compiled  the same step, compiled
 * @param options   `engine`: the name and version of the program that computes it, kept with checkpoints and compared on
 *   resuming; `onnxruntime` if not given
 * @throws TypeError for what is no step
 * @example
 * await using compiled = compileStep(step, { threads: 2 });
 * for await (const event of train({ step: loopStep(step, compiled), … })) …
 */
export const loopStep = <B, S extends OptimizerState>(
  step: TrainStep<B, S>,
  compiled: ComputedStep<B, S>,
  options: { readonly engine?: string } = {},
): LoopStep<B, S> => {
  const { engine = 'onnxruntime' } = options;
  expectKnown('loopStep', options, ['engine']);
  if (typeof step !== 'function' || !('parts' in step))
    throw new TypeError(
      `loopStep: the step is ${typeof step === 'function' ? 'a function' : kindOf(step)}, expected one of trainStep, and then the compiled one`,
    );
  if (typeof compiled !== 'function')
    throw new TypeError(
      `loopStep: the compiled step is ${kindOf(compiled)}, expected one as compileStep(step) of renga/run is`,
    );
  const run = async (given: TrainState<S>, batch: B): Promise<ReturnType<TrainStep<B, S>>> => {
    const result = await compiled(given, batch);
    const state = await result.state.read();
    result.state.dispose();
    const metrics = Object.fromEntries(
      Object.entries(result.metrics).map(([name, value]) => [name, tf.scalar(value)]),
    );
    own(state, [tensorsIn(state), metrics]);
    donate(given);
    return { state, metrics };
  };
  return Object.assign(run, { init: step.init, averaged: step.averaged, parts: step.parts, engine });
};
