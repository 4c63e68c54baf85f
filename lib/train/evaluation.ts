/**
 * Evaluation over a whole data set: outputs batch by batch, figures merged, so that the size of batches changes nothing.
 */
import { expectKnown } from '../data/nearest.js';
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../data/array.js';
import { isHostArray, isTensor, toHost, type Weights } from '../data/leaf.js';
import { realExamples } from '../data/examples.js';
import { isRecord, mapNest, partsOf, type Replaced } from '../data/nest.js';
import { expectNoAdapters } from '../data/adapters.js';
import { expectWeights, kindOf } from '../data/weights.js';
import { tensorsIn, tidy } from '../engine/index.js';
import type { ChangeParam } from '../language/intercept.js';
import { key } from '../random/index.js';
import { messageOf } from '../files/error.js';
import { expectBatch, type OnEngine, placeBatch } from './batch.js';
import type { Data } from './data.js';
import type { Figure, Weighting } from './metrics.js';
import { errorAt } from './runOptions.js';
import { withSettings } from './settings.js';

/** Options that an evaluation hands to `apply`. */
export interface EvaluatedBy {
  /** The hook of adapters, as `lora` has it. The loop gives it where the step's loss is of adapters. */
  readonly param?: ChangeParam;
}

export interface EvaluationOptions<B, O> {
  /** Examples with an end, in batches that are not shuffled, as `inOrder` makes them. */
  readonly data: Data<B>;
  /** The model's outputs for a batch: a nest of tensors. Options are for `apply`, and have to be handed to it. */
  readonly run: (weights: Required<Weights<tf.Tensor>>, batch: OnEngine<B>, options: EvaluatedBy) => O;
  /**
   * The figures of a batch.
   * @param by  the batch's `exampleWeights` for metrics; examples of weight 0, which only fill a batch, are not in it
   */
  readonly figures: (
    outputs: Replaced<O, tf.Tensor, HostArray>,
    batch: B,
    by: Weighting,
  ) => Readonly<Record<string, Figure>>;
}

/** The figures of some weights. */
export type Evaluation = (
  weights: Required<Weights<tf.Tensor>>,
  options?: EvaluatedBy,
) => Promise<Readonly<Record<string, number>>>;

/** Figures that an evaluation gave. @throws TypeError for anything but a record of numbers */
export const expectFigures = (figures: unknown): Readonly<Record<string, number>> => {
  const expected = 'expected figures by name, { accuracy: 0.9 }';
  if (!isRecord(figures))
    throw new TypeError(
      `evaluate.run gave ${figures === undefined ? 'nothing' : kindOf(figures)}, ${expected}`,
    );
  const other = Object.entries(figures).find(([, value]) => typeof value !== 'number');
  if (!other) return figures as Readonly<Record<string, number>>;
  const [name, value] = other;
  const found = typeof value === 'string' ? `the text '${value}'` : kindOf(value);
  throw new TypeError(
    `evaluate.run gave the figure '${name}' as ${found}, expected a number: ${expected.slice(9)}`,
  );
};

/** Outputs that are not finite, of weights and a batch that are: figures cannot be made of them. */
class OutputsNotFinite extends Error {
  override readonly name = 'OutputsNotFinite';
}

/** True for an error whose cause, or its cause's, is outputs that are not finite. */
export const isOfOutputs = (error: unknown): boolean =>
  error instanceof Error && (error instanceof OutputsNotFinite || isOfOutputs(error.cause));

const isFinite = (nest: unknown): boolean =>
  partsOf(nest, isHostArray).every(({ data }) => (data as Float32Array).every(Number.isFinite));

/** Figures, or an error that says that the outputs are the cause. @throws OutputsNotFinite */
const figuresOf = <A>(make: () => A, outputs: unknown, batch: unknown): A => {
  try {
    return make();
  } catch (error) {
    if (isFinite(outputs) || !isFinite(batch)) throw error;
    throw new OutputsNotFinite(
      `an output of the model is not finite, of weights that are: take a lower learning rate (${messageOf(error)})`,
      { cause: error },
    );
  }
};

/** The weights of a batch's examples; none for a batch that no reader of this library made. */
const weightingOf = (batch: unknown): Weighting => {
  const { exampleWeights: weights } = (batch ?? {}) as Readonly<Record<string, unknown>>;
  return isHostArray(weights) ? { weights } : {};
};

/** The number of weighed examples; undefined for a batch without weights. */
const examplesIn = (batch: unknown): number | undefined => weightingOf(batch).weights?.shape[0];

/** Options whose hook tells whether it was called. */
const watched = ({ param }: EvaluatedBy) => {
  let isRead = false;
  const watching: ChangeParam = (value, read) => {
    isRead = true;
    return (param as ChangeParam)(value, read);
  };
  return { options: param ? { param: watching } : {}, isRead: () => param === undefined || isRead };
};

/**
 * The figures of some weights over the whole of some data, for `evaluate` of `train`.
 * @throws RangeError where the data has no end, and for adapters that nothing adds; TypeError where `run` does not hand its
 *   options to `apply`; Error, with the batch, where data, model or figures throw
 * @example
 * const accuracy = evaluation({
 *   data: inOrder(heldOut, 64),
 *   run: ({ params }, { images }, options) => model.apply(params, options, images),
 *   figures: (logits, { labels }, by) => ({ accuracy: topKAccuracy(logits, labels, by) }),
 * });
 */
export const evaluation = <B, O>(all: EvaluationOptions<B, O>): Evaluation => {
  const { data, run, figures } = all;
  expectKnown('evaluation', all, ['data', 'run', 'figures']);
  const evaluate: Evaluation = async (weights, options = {}) => {
    expectWeights('evaluation', weights);
    if (data.length === undefined) throw new RangeError('data without end cannot be evaluated');
    if (!options.param)
      expectNoAdapters(
        'evaluation',
        weights.params,
        "give the hook as a second argument, { param: adapters.param(params) }, as the loop does where the step's loss " +
          'is `adapters.loss(…)` itself',
      );
    const { options: given, isRead } = watched(options);
    const merged = new Map<string, Figure>();
    const add = async (n: number): Promise<void> => {
      const batch = realExamples(expectBatch(await data.at(n, key(0))));
      if (examplesIn(batch) === 0) return;
      const outputs = tidy(() => run(weights, placeBatch(batch), given));
      try {
        if (!isRead())
          throw new TypeError(
            'the evaluation leaves the adapters out: `run` has to hand its third argument, the options, to `apply`',
          );
        const tensors = partsOf(outputs, isTensor);
        const hosts = await Promise.all(tensors.map(toHost));
        const read = mapNest(outputs, isTensor, (tensor) => hosts[tensors.indexOf(tensor)]);
        const make = () => figures(read as Replaced<O, tf.Tensor, HostArray>, batch, weightingOf(batch));
        for (const [name, figure] of Object.entries(figuresOf(make, read, batch)))
          merged.set(name, merged.get(name)?.merge(figure) ?? figure);
      } finally {
        tf.dispose(tensorsIn(outputs));
      }
    };
    for (let n = 0; n < data.length; n++) {
      try {
        await add(n);
      } catch (error) {
        throw errorAt(`batch ${n}`, error);
      }
    }
    return Object.fromEntries([...merged].map(([name, { value }]) => [name, value]));
  };
  // The size of batches changes no figure.
  const { batchSize: _batchSize, ...settings } = data.settings ?? {};
  return withSettings(evaluate, settings);
};
