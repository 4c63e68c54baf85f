/**
 * Evaluations in the course of a run: the figures of the weights and of their moving average, which of them is the best so
 * far, and the weights that it is of.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Leaf, type Params, place, type Weights } from '../data/leaf.js';
import { tensorsIn } from '../engine/index.js';
import { type EvaluatedBy, expectFigures } from './evaluation.js';
import type { RunRecord } from './trainCheckpoint.js';
import { type HostWeights, type TrainState, weightsOf } from './trainState.js';
import type { TrainStep } from './trainStep.js';
import type { OptimizerState } from './transformation.js';

/** Numbers by name. */
export type Figures = Readonly<Record<string, number>>;

/** Evaluation of a run. */
export interface EvaluateOptions {
  /** Updates between two evaluations. */
  readonly every: number;
  /**
   * The figures of some weights, which live until the promise is fulfilled. Options are for `apply`, and have the hook of
   * adapters where the step's loss is of some; `evaluation` hands them on.
   */
  readonly run: (weights: Required<Weights<tf.Tensor>>, options: EvaluatedBy) => Promise<Figures>;
  /**
   * The settings of the evaluation, such as its files, as JSON: kept with checkpoints. Where a resumed run has others, the
   * best begins anew. Those that `evaluation` notes of its data, if not given.
   */
  readonly settings?: unknown;
  /** The figure that tells which evaluation is the best; of equal ones the last is, which was trained longest. */
  readonly best?: {
    readonly figure: string;
    readonly isLower?: boolean;
    /** Evaluations without a better one before the run ends; it never ends early if not given. */
    readonly patience?: number;
    /** The weights that the figure is of; `ema` where a moving average is kept if not given. */
    readonly of?: 'raw' | 'ema';
  };
}

/** Figures of the weights as they are, and of their moving average where one is kept. */
interface BothFigures {
  readonly raw: Figures;
  readonly ema?: Figures;
}

/** A run's step and its evaluation, where there is one. */
interface Judged<B, S extends OptimizerState> {
  readonly step: Pick<TrainStep<B, S>, 'averaged' | 'parts'>;
  readonly evaluate?: EvaluateOptions;
}

/** Evaluates both sets of weights. */
export const evaluateBoth = async <B, S extends OptimizerState>(
  { step, evaluate }: Judged<B, S>,
  state: TrainState<S>,
): Promise<BothFigures> => {
  const { adapters } = step.parts.loss;
  const run = async (params: Params<Leaf>): Promise<Figures> => {
    const [placed, ofState] = [place(params), place(state.state)];
    try {
      const by = adapters ? { param: adapters.param(placed) } : {};
      return expectFigures(await (evaluate as EvaluateOptions).run({ params: placed, state: ofState }, by));
    } finally {
      for (const each of [placed, ofState]) each[Symbol.dispose]();
    }
  };
  const raw = await run(state.params);
  if (!state.ema) return { raw };
  const averaged = step.averaged(state);
  try {
    return { raw, ema: await run(averaged) };
  } finally {
    tf.dispose(tensorsIn(averaged));
  }
};

/** Some words for each figure that is not finite. */
export const notesOf = (figures: Figures, of = ''): readonly string[] =>
  Object.entries(figures)
    .filter(([, value]) => !Number.isFinite(value))
    .map(([name, value]) => `'${name}'${of} is ${value}`);

/** The record after an evaluation. */
export const judged = (
  record: RunRecord,
  { best: by }: EvaluateOptions,
  figures: BothFigures,
  step: number,
): { readonly record: RunRecord; readonly isBest: boolean } => {
  if (!by) return { record, isBest: false };
  const { [by.of ?? (figures.ema ? 'ema' : 'raw')]: own = figures.raw } = figures;
  const value = own[by.figure];
  if (value === undefined)
    throw new Error(`the evaluation has no figure '${by.figure}': it has ${Object.keys(own).join(', ')}`);
  const { best } = record;
  const isBetter = best === null || (by.isLower ? value < best.value : value > best.value);
  const isBest = (isBetter || value === best.value) && Number.isFinite(value);
  const sinceBest = isBetter && isBest ? 0 : record.sinceBest + 1;
  return { record: { ...record, best: isBest ? { value, step } : best, sinceBest }, isBest };
};

/** The weights with the moving average in their place, which the garbage collector owns. */
export const hostAveraged = async <B, S extends OptimizerState>(
  step: Judged<B, S>['step'],
  state: TrainState<S>,
): Promise<HostWeights> => {
  const params = step.averaged(state);
  try {
    return await weightsOf({ ...state, params });
  } finally {
    tf.dispose(tensorsIn(params));
  }
};

/** The weights that the best figure is of. */
export const judgedWeights = <B, S extends OptimizerState>(
  { step, evaluate }: Judged<B, S>,
  state: TrainState<S>,
): Promise<HostWeights> =>
  state.ema && evaluate?.best?.of !== 'raw' ? hostAveraged(step, state) : weightsOf(state);
