/**
 * One step of training: from a train state and a batch to the next state and metrics. It is made of tensor operations
 * and reads no value on its way. A step whose loss or gradient is not finite keeps the old state, and says so.
 */
import * as tf from '@tensorflow/tfjs-core';
import { count } from '../data/config.js';
import { asTensor, type Leaf, type Params, type State, type Weights } from '../data/leaf.js';
import {
  at,
  flatten,
  map,
  mapWithPath,
  partition,
  type Selection,
  selects,
  type Tree,
} from '../data/tree.js';
import { expectKnown } from '../data/nearest.js';
import { expectWeights } from '../data/weights.js';
import { choose, donate, own, tensorsIn, tidy, withoutData } from '../engine/index.js';
import type { ChangeParam } from '../language/intercept.js';
import type { ApplyOptions } from '../language/transform.js';
import { valueAndGrad } from '../language/valueAndGrad.js';
import { type Key, type Mode, split } from '../random/index.js';
import {
  type AverageOptions,
  expectAverageOptions,
  initialAverage,
  nextAverage,
  readAverage,
} from './average.js';
import { type MicroBatch, microBatchesOf, type OnEngine, placeBatch } from './batch.js';
import { expectAlikeState, expectKey } from './expectState.js';
import { expectAdapted, expectFreeNames, expectNextState, expectParts, expectTotal } from './expectStep.js';
import { expectFrozen, type Frozen, frozenBy } from './frozen.js';
import { type Layout, layoutOf, Leaves, pack, unpack } from './leaves.js';
import type { Total } from './losses.js';
import { countFrom } from './averaging.js';
import { expectOptions } from './options.js';
import { globalNorm } from './scaling.js';
import { arrayOfKey, type AveragedParams, expectAlive, keyOfArray, type TrainState } from './trainState.js';
import { applyUpdates, type OptimizerState, type Transformation, zipStates } from './transformation.js';

/** Options that a loss hands to `apply`. */
export interface LossOptions extends Pick<ApplyOptions, 'isTraining' | 'observe' | 'param'> {
  readonly key: Key;
}

/** The outcome of a loss: a sum over examples and its weight, never a mean. */
export interface LossResult extends Total {
  /** The model's next state, of a model that has one. */
  readonly state?: State;
  /**
   * Figures to be logged: sums and weights, too. The names of a step's own figures, such as `loss` and `learningRate`, are
   * not free.
   */
  readonly metrics?: Readonly<Record<string, Total>>;
}

/** Adapters that a loss computes with; evaluation has to compute with them, too. */
export interface LossAdapters {
  /** The hook for `apply` that adds the adapters among some parameters. */
  readonly param: (params: Params<Leaf>) => ChangeParam;
  /** The numbers that decide what adapters add, as JSON: compared on resuming. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A loss of a batch. */
export interface Loss<B> {
  (weights: Required<Weights<tf.Tensor>>, batch: OnEngine<B>, options: LossOptions): LossResult;
  /** Set by `loss` of `lora`; undefined for a loss of the plain model. */
  readonly adapters?: LossAdapters;
}

export interface TrainStepOptions {
  /**
   * Leaves that stay as they are: no gradient, norm, decay or optimizer state. None if not given. A selection selects
   * parameters or entries of state, and has to have some.
   */
  readonly freeze?: Selection;
  /**
   * Micro-batches that a batch is computed in, one after the other, for one update; 1 if not given. A batch of fewer
   * examples has one for each.
   */
  readonly microBatches?: number;
  /** A moving average of the trained parameters; none is kept if not given. */
  readonly ema?: AverageOptions;
  /** The stream of the state's keys; `partitionable` if not given. */
  readonly keyMode?: Mode;
  /** The step's key and the next state's, from the state's key: `split` if not given, which is jaxline's rule, too. */
  readonly nextKeys?: (key: Key) => readonly [step: Key, next: Key];
}

/**
 * Scalars of one step: `loss` (the mean), `weight`, `gradientNorm` (before clipping), whatever the transformation and
 * the loss log, and `isFinite`, 0 where the old state was kept. They live as long as the state that came with them.
 */
export type StepMetrics = Readonly<Record<string, tf.Tensor>>;

/** A step, with the functions that make its first state and read its average. */
export interface TrainStep<B, S extends OptimizerState> {
  (state: TrainState<S>, batch: B): { readonly state: TrainState<S>; readonly metrics: StepMetrics };
  /** The first state of a run. It belongs to the step; the weights stay the caller's. */
  readonly init: (weights: Weights, key: Key) => TrainState<S>;
  /** The parameters with the moving average in the place of those that are trained; the caller frees them. */
  readonly averaged: (state: TrainState<S>) => Params<tf.Tensor>;
  /** The transformation, loss and options that it was made of. */
  readonly parts: {
    readonly transformation: Transformation<S>;
    readonly loss: Loss<B>;
    readonly options: TrainStepOptions;
  };
}

/** The step's key and the next state's. */
export const keysOf = (state: TrainState, options: TrainStepOptions): readonly [step: Key, next: Key] => {
  const { nextKeys = (key) => split(key) as [Key, Key], keyMode } = options;
  return nextKeys(keyOfArray(state.key, keyMode));
};

/** A tree on the engine. */
const placed = (tree: Tree<Leaf>): Tree<tf.Tensor> => map(tree, asTensor);

const cloned = (tree: Tree<tf.Tensor>): Tree<tf.Tensor> => map(tree, (leaf) => leaf.clone());

/** The gradients, totals and state of micro-batches, added up. */
interface Sums {
  readonly grads: Leaves;
  readonly totals: Readonly<Record<string, Total>>;
  readonly state: Tree<tf.Tensor>;
}

const addTotals = (a: Total, b: Total): Total => ({
  sum: tf.add(a.sum, b.sum),
  weight: tf.add(a.weight, b.weight),
});

/** The options of a loss in training; frozen modules with state compute as in evaluation. */
export const trainingOptions = (key: Key, frozen: Frozen | undefined): LossOptions => ({
  key,
  isTraining: frozen ? (path) => !frozen.evaluates(path) : true,
});

/** The gradient of one micro-batch. */
const gradientOf = <B>(
  loss: Loss<B>,
  params: Tree<tf.Tensor>,
  state: Tree<tf.Tensor>,
  { batch, key }: MicroBatch<B>,
  { layout, frozen }: { readonly layout: Layout; readonly frozen: Frozen | undefined },
): Sums =>
  tidy(() => {
    const onEngine = placeBatch(batch);
    const [fixed, trained] = partition(params, (path) => frozen?.isFrozenParam(path) ?? false);
    const others = new Map(flatten(fixed));
    const f = valueAndGrad((own: Tree<tf.Tensor>) => {
      const mine = new Map(flatten(own));
      const all = mapWithPath(params, (path) => (mine.get(path) ?? others.get(path)) as tf.Tensor);
      const result = loss(
        { params: all as Params<tf.Tensor>, state },
        onEngine,
        trainingOptions(key, frozen),
      );
      const { sum, weight } = expectTotal('the loss', result);
      const { state: after = state, metrics = {} } = result;
      expectNextState(result.state, state, frozen);
      expectFreeNames("the loss's metrics", Object.keys(metrics));
      for (const [name, total] of Object.entries(metrics))
        expectTotal(`'${name}' of the loss's metrics`, total);
      return { loss: sum, aux: { weight, state: after, metrics } };
    });
    const { value, grads, aux } = f(trained);
    const next = new Map(flatten(placed(aux.state as Tree<Leaf>)));
    return {
      grads: pack(grads as Tree<tf.Tensor>, layout),
      totals: { loss: { sum: value, weight: aux.weight }, ...aux.metrics },
      state: mapWithPath(state, (path, before) => {
        const isKept = frozen?.isFrozenState(path) ?? false;
        return (isKept ? before : (next.get(path) ?? before)).clone();
      }),
    };
  });

const addSums = (a: Sums, b: Sums): Sums => ({
  grads: a.grads.with(tf.add(a.grads.matrix, b.grads.matrix)),
  totals: Object.fromEntries(
    Object.entries(a.totals).map(([name, total]) => [name, addTotals(total, b.totals[name])]),
  ),
  state: cloned(b.state),
});

/** Gradients of sums, added over micro-batches, each freed when it is added. */
const accumulate = <B>(
  loss: Loss<B>,
  params: Tree<tf.Tensor>,
  state: Tree<tf.Tensor>,
  parts: readonly MicroBatch<B>[],
  how: Parameters<typeof gradientOf>[4],
): Sums => {
  const [first, ...others] = parts;
  return others.reduce(
    (sums, part) => {
      const next = tidy(() => addSums(sums, gradientOf(loss, params, sums.state, part, how)));
      tf.dispose([sums.grads.matrix, ...tensorsIn(sums.state)]);
      return next;
    },
    gradientOf(loss, params, state, first, how),
  );
};

const isFiniteScalar = (x: tf.Tensor): tf.Tensor => tf.less(tf.abs(x), tf.scalar(Infinity));

/**
 * A step of training.
 *
 * The gradients of the loss's sums are added over micro-batches and divided once by the total weight; then the
 * transformation gets them. Examples of a batch of host arrays whose `exampleWeights` are 0 only fill it, and are left out.
 * Nobody disposes of anything: a state that a step returned is freed when it is handed on.
 * @throws RangeError for options out of their ranges; from `init`, where `freeze` selects nothing, or lists what is no leaf
 * @throws Error from the step, where a state is handed to it for the second time; RangeError, where it is of another
 *   optimizer or of other trained leaves, and for a metric under the name of a figure of every step; TypeError, where a
 *   loss is no sum and weight or lacks the model's state, and for what is no weights, key, state or batch
 * @example
 * const step = trainStep(loss, chain(clipByGlobalNorm(1), adamw(1e-3)), { freeze: /^encoder\// });
 * let state = step.init({ params }, key(0));
 * for (const batch of batches) state = step(state, batch).state;
 */
export const trainStep = <B, S extends OptimizerState>(
  loss: Loss<B>,
  transformation: Transformation<S>,
  options: TrainStepOptions = {},
): TrainStep<B, S> => {
  const { freeze, microBatches = 1, ema } = options;
  expectKnown('trainStep', options, ['freeze', 'microBatches', 'ema', 'keyMode', 'nextKeys']);
  expectOptions('trainStep', { microBatches: [microBatches, count] });
  expectParts(loss, transformation);
  if (ema) expectAverageOptions(ema);
  if (freeze !== undefined) selects(freeze, 'trainStep: freeze');

  const frozenOf = (state: Pick<TrainState, 'params' | 'state'>): Frozen | undefined =>
    freeze === undefined ? undefined : frozenBy(freeze, state.params, state.state);

  const trainedOf = (params: Tree<Leaf>, frozen: Frozen | undefined): Tree<Leaf> =>
    partition(params, (path) => !(frozen?.isFrozenParam(path) ?? false))[0];

  const update = (state: TrainState<S>, batch: B) => {
    const frozen = frozenOf(state);
    const [stepKey, nextKey] = keysOf(state, options);
    const [params, before] = [placed(state.params), placed(state.state)];
    const packed = pack(trainedOf(params, frozen));
    const { layout } = packed;
    const parts = microBatchesOf(batch, stepKey, microBatches);
    const sums = accumulate(loss, params, before, parts, { layout, frozen });
    const { sum, weight } = sums.totals.loss;
    const grads = packed.with(tf.div(sums.grads.matrix, weight));
    // Each of these is as large as all parameters: what is needed no more is let go at once.
    sums.grads.matrix.dispose();
    const [mean, gradientNorm] = [tf.div(sum, weight), globalNorm(grads)];
    const isFinite = tf.logicalAnd(isFiniteScalar(mean), isFiniteScalar(gradientNorm));
    // A weight below 0 would turn the gradient round.
    const flag = tf.logicalAnd(isFinite, tf.greater(weight, 0));
    const pick = (yes: tf.Tensor, no: tf.Tensor): tf.Tensor => choose({ flag, yes, no }, {});
    const done = transformation.update(grads, state.optimizer, packed);
    const logged = Object.keys(done.log ?? {});
    expectFreeNames("the transformation's logs", logged);
    expectFreeNames("the loss's metrics", Object.keys(sums.totals), logged);
    grads.matrix.dispose();
    const after = packed.with(pick(applyUpdates(packed, done.updates).matrix, packed.matrix));
    done.updates.matrix.dispose();
    const moved = new Map(flatten(unpack(after)));
    const step = asTensor(state.step);
    // The average moves with updates: not where a transformation gathers gradients for one.
    const isMoving = done.isUpdate ? tf.logicalAnd(flag, done.isUpdate) : flag;
    const average = (kept: AveragedParams): AveragedParams =>
      zipStates({ ...nextAverage(kept, after, ema as AverageOptions) }, { ...kept }, (yes, no) =>
        choose({ flag: isMoving, yes, no }, {}),
      );
    const next: TrainState<S> = {
      params: mapWithPath(params, (path, leaf) => moved.get(path) ?? leaf.clone()) as Params<tf.Tensor>,
      state: mapWithPath(sums.state, (path, leaf) => pick(leaf, at(before, path) as tf.Tensor)),
      optimizer: zipStates(done.state, state.optimizer, pick),
      step: pick(countFrom.next(step), step),
      key: arrayOfKey(nextKey),
      ...(ema && { ema: average(expectAverage(state)) }),
    };
    const { loss: _loss, ...figures } = sums.totals;
    const metrics: StepMetrics = {
      loss: mean,
      weight: weight.clone(),
      gradientNorm,
      ...done.log,
      ...Object.fromEntries(
        Object.entries(figures).map(([name, total]) => [name, tf.div(total.sum, total.weight)]),
      ),
      isFinite: tf.cast(flag, 'float32'),
    };
    return { state: next, metrics };
  };

  /** The parts of a first state that are made of the parameters. */
  const beginning = ({ params, state }: Pick<TrainState, 'params' | 'state'>) => {
    expectAdapted(loss, params);
    const trained = trainedOf(params, frozenOf({ params, state }));
    if (flatten(trained).length === 0)
      throw new RangeError(
        `trainStep: nothing trains: freeze selects all ${flatten(params).length} leaves of the parameters, expected some ` +
          'that it leaves out, as allBut(/^decoder\\//) does',
      );
    const packed = pack(placed(trained), layoutOf(trained));
    return { optimizer: transformation.init(packed), ...(ema && { ema: initialAverage(packed, ema) }) };
  };

  /** States that this step made; others are compared with one that it would make. */
  const known = new WeakSet<TrainState>();
  const expectOwn = (state: TrainState<S>): void => {
    if (known.has(state)) return;
    const { optimizer, ema: average } = state;
    // Shapes are compared: nothing is computed, and a program that is written down does not see it.
    withoutData(() => {
      const like = beginning(state);
      expectAlikeState(
        'trainStep',
        { optimizer, ...(average && { ema: average }) },
        { optimizer: like.optimizer, ...(like.ema && { ema: { ...like.ema } }) },
      );
    });
    known.add(state);
  };

  const run = (state: TrainState<S>, batch: B) => {
    expectAlive('trainStep', state);
    if (batch === undefined || batch === null)
      throw new TypeError(`trainStep: the batch is ${String(batch)}, expected arrays, such as { x, y }`);
    expectOwn(state);
    const result = tidy(() => update(state, batch));
    own(result.state, result);
    known.add(result.state);
    donate(state);
    return result;
  };

  const init = (weights: Weights, key: Key): TrainState<S> => {
    expectWeights('step.init', weights);
    expectKey('step.init', key);
    const { params, state = {} } = weights;
    if (freeze !== undefined) expectFrozen(freeze, params, state);
    const made = tidy(() => ({ ...beginning({ params, state }), step: countFrom.zero() }));
    const first = own({ params, state, ...made, key: arrayOfKey(key) }, made);
    known.add(first);
    return first;
  };

  const averaged = (state: TrainState<S>): Params<tf.Tensor> => {
    expectAlive('step.averaged', state);
    return tidy(() => {
      const found = new Map(flatten(unpack(readAverage(expectAverage(state), ema as AverageOptions))));
      return mapWithPath(
        state.params as Tree<Leaf>,
        (path, leaf) => found.get(path) ?? asTensor(leaf).clone(),
      );
    }) as Params<tf.Tensor>;
  };

  return Object.assign(run, { init, averaged, parts: { transformation, loss, options } });
};

/** @throws Error where the state has no average */
const expectAverage = ({ ema }: TrainState): AveragedParams => {
  if (ema) return ema;
  throw new Error("this train state has no moving average: it was made without the option 'ema'");
};

/** The values of metrics, as numbers. */
export const readMetrics = async (metrics: StepMetrics): Promise<Readonly<Record<string, number>>> => {
  const values = await Promise.all(
    Object.entries(metrics).map(async ([name, value]) => [name, (await value.data())[0]] as const),
  );
  return Object.fromEntries(values);
};
