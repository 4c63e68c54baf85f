/**
 * The search for the cause of a step that is not finite: the first number that is none, a label outside of the classes, a
 * batch of weight 0. The step is computed again, with its batch and its key, and with an observer that looks at every
 * module's outputs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { asTensor, isTensor, type Leaf, type Params, toHost } from '../data/leaf.js';
import { mapNest } from '../data/nest.js';
import { flatten, map, mapWithPath, partition, type Tree } from '../data/tree.js';
import { tidy, unrecorded } from '../engine/index.js';
import type { Visit } from '../language/reading.js';
import { valueAndGrad } from '../language/valueAndGrad.js';
import type { Key } from '../random/index.js';
import { type MicroBatch, microBatchesOf, placeBatch } from './batch.js';
import { frozenBy } from './frozen.js';
import { firstOutside, type LabelsSeen, markOutside, watchingLabels } from './outsideClasses.js';
import { unpack } from './leaves.js';
import type { OptimizerState } from './transformation.js';
import { trainingOptions, type TrainStep } from './trainStep.js';
import { expectAlive, type TrainState } from './trainState.js';

/** The place of the first number that is not finite, and its cause where that is known. */
export interface NotFinite {
  /** The micro-batch, from 0; left out where the batch is one. */
  readonly microBatch?: number;
  /**
   * The kind of place: an array of the batch, a parameter, an entry of state, a module's output, a label outside of the
   * classes, the loss, a parameter's gradient; or the weight of the whole batch.
   */
  readonly kind: 'batch' | 'parameter' | 'state' | 'output' | 'label' | 'loss' | 'gradient' | 'weight';
  /** The array of the batch, the path of the leaf or module; empty for the loss, and for labels made in it. */
  readonly path: string;
  /** The method of the module; only for outputs. */
  readonly method?: string;
  /** True for an output whose module got such a number: it came from computations between modules. */
  readonly isBefore?: true;
  /** Only for labels. `place` counts by axes, from 0, within the micro-batch. */
  readonly label?: { readonly label: number; readonly place: readonly number[]; readonly numClasses: number };
  /** Only for weights. */
  readonly weight?: number;
}

type Place = Omit<NotFinite, 'microBatch'>;

/** A place with a flag, a scalar that is true where a number there is not finite. It is read when all are there. */
interface Flagged {
  readonly place: Place;
  readonly flag: tf.Tensor;
  /** The labels of a place of labels. */
  readonly seen?: LabelsSeen;
  /** Of a module's output: the flags of the module's inputs. */
  readonly inputs?: readonly tf.Tensor[];
}

const isFiniteEach = (x: tf.Tensor): tf.Tensor => tf.less(tf.abs(x), Infinity);

const flagged = (place: Place, x: tf.Tensor): Flagged[] =>
  x.dtype === 'float32'
    ? [{ place, flag: unrecorded(() => tidy(() => tf.keep(tf.any(tf.logicalNot(isFiniteEach(x)))))) }]
    : [];

/** Labels, flagged where one is outside of the classes. */
const flaggedLabels = (path: string, seen: LabelsSeen): Flagged[] =>
  flagged({ kind: 'label', path }, markOutside(seen)).map((each) => ({
    ...each,
    seen: { ...seen, labels: tf.keep(seen.labels.clone()) },
  }));

const flaggedInTree = (kind: Place['kind'], tree: Tree<tf.Tensor>): Flagged[] =>
  flatten(tree).flatMap(([path, leaf]) => flagged({ kind, path }, leaf));

const flaggedInNest = (nest: unknown, placeOf: (path: string) => Place): Flagged[] => {
  const found: Flagged[] = [];
  mapNest(nest, isTensor, (tensor, path) => void found.push(...flagged(placeOf(path.join('.')), tensor)));
  return found;
};

/** The first place whose flag is true, labels with their value. */
const firstOf = async (all: readonly Flagged[]): Promise<Place | undefined> => {
  try {
    const flags = await Promise.all(all.map(({ flag }) => flag.data()));
    const isSet = (each: Flagged): boolean => flags[all.indexOf(each)][0] !== 0;
    // A label outside of the classes is no cause where its weight is 0: then the loss is finite.
    const isLoss = all.some((each) => each.place.kind === 'loss' && isSet(each));
    const found = all.find((each) => isSet(each) && (isLoss || each.place.kind !== 'label'));
    const inputs = await Promise.all((found?.inputs ?? []).map((flag) => flag.data()));
    if (found && inputs.some(([flag]) => flag !== 0)) return { ...found.place, isBefore: true };
    if (!found?.seen) return found?.place;
    const { labels, numClasses } = found.seen;
    const outside = firstOutside(await toHost(labels), numClasses);
    return { ...found.place, ...(outside && { label: { ...outside, numClasses } }) };
  } finally {
    tf.dispose(
      all.flatMap(({ flag, seen, inputs = [] }) => [flag, ...inputs, ...(seen ? [seen.labels] : [])]),
    );
  }
};

/**
 * The cause of a step that is not finite.
 * @param state  the state that the step kept: its parameters are those that the step began with
 * @param batch  the step's batch
 * @param key    the step's key
 * @returns undefined where everything is finite this time, and only sums over micro-batches or the norm can be not
 */
export const findNotFinite = async <B, S extends OptimizerState>(
  { parts: { loss, options } }: Pick<TrainStep<B, S>, 'parts'>,
  state: TrainState<S>,
  batch: B,
  key: Key,
): Promise<NotFinite | undefined> => {
  expectAlive('findNotFinite', state);
  const weights: tf.Tensor[] = [];
  /** Places in the order in which numbers pass them. */
  const search = ({ batch: part, key: own }: MicroBatch<B>): Flagged[] => {
    const placed = placeBatch(part);
    const [params, before] = [onEngine(state.params), onEngine(state.state)];
    const given = [
      ...flaggedInNest(placed, (path) => ({ kind: 'batch', path })),
      ...flaggedInTree('parameter', params),
    ];
    const { freeze } = options;
    const frozen = freeze === undefined ? undefined : frozenBy(freeze, params, before);
    const [fixed, trained] = partition(params, (path) => frozen?.isFrozenParam(path) ?? false);
    // Modules are seen innermost first, in the order in which calls end.
    const outputs: Flagged[] = [];
    const observe = ({ path, method, output, inputs: given }: Visit): void => {
      const placeOf = (): Place => ({ kind: 'output', path, method });
      const own = flaggedInNest(output, placeOf);
      if (own.length === 0) return;
      const inputs = flaggedInNest(given, placeOf).map(({ flag }) => flag);
      outputs.push(...own.map((each) => ({ ...each, inputs })));
    };
    const pathOf = new Map<tf.Tensor, string>();
    mapNest(placed, isTensor, (tensor, path) => void pathOf.set(tensor, path.join('.')));
    const watch = (seen: LabelsSeen): void =>
      void outputs.push(...flaggedLabels(pathOf.get(seen.labels) ?? '', seen));
    const { value, grads } = valueAndGrad((mine: Tree<tf.Tensor>) => {
      const all = new Map([...flatten(fixed), ...flatten(mine)]);
      const whole = mapWithPath(params, (path) => all.get(path) as tf.Tensor) as Params<tf.Tensor>;
      const given = { ...trainingOptions(own, frozen), observe };
      const result = watchingLabels(watch, () => loss({ params: whole, state: before }, placed, given));
      weights.push(tf.keep(result.weight.clone()));
      return result.sum;
    })(trained);
    // Gradients come from the end of the program, so the last of them is the first that went wrong.
    const slopes = flaggedInTree('gradient', grads as Tree<tf.Tensor>).reverse();
    return [...given, ...outputs, ...flagged({ kind: 'loss', path: '' }, value), ...slopes];
  };
  const parts = microBatchesOf(batch, key, options.microBatches);
  try {
    for (const [microBatch, part] of parts.entries()) {
      const found = await firstOf(tidy(() => search(part)));
      if (found) return { ...(parts.length > 1 && { microBatch }), ...found };
    }
    const read = await Promise.all(weights.map((each) => each.data()));
    const weight = read.reduce((sum, [own]) => sum + own, 0);
    const isWeight = weight > 0 && Number.isFinite(weight);
    return isWeight ? undefined : { kind: 'weight', path: '', weight };
  } finally {
    tf.dispose(weights);
  }
};

const onEngine = (tree: Tree<Leaf>): Tree<tf.Tensor> => map(tree, asTensor);

/**
 * The first number of a state that an update made not finite: of the trained parameters, their average, the model's
 * state. The loss and gradient of the update were finite, or it would not have been kept.
 */
export const findNotFiniteWeight = async <B, S extends OptimizerState>(
  { parts: { options } }: Pick<TrainStep<B, S>, 'parts'>,
  state: TrainState<S>,
): Promise<NotFinite | undefined> => {
  const { freeze } = options;
  const frozen = freeze === undefined ? undefined : frozenBy(freeze, state.params, state.state);
  const flags = tidy(() => {
    const [, trained] = partition(onEngine(state.params), (path) => frozen?.isFrozenParam(path) ?? false);
    return [
      ...flaggedInTree('parameter', trained),
      ...flaggedInTree('state', onEngine(state.state)),
      ...(state.ema ? flaggedInTree('parameter', unpack(state.ema.average)) : []),
    ];
  });
  const found = await firstOf(flags);
  return found;
};

/** The micro-batch behind a sentence; empty where the batch is one. */
const showMicroBatch = ({ microBatch }: NotFinite): string =>
  microBatch === undefined ? '' : ` (micro-batch ${microBatch})`;

const showLabel = (found: NotFinite): string => {
  const { path, label } = found;
  const array = path === '' ? 'the labels that the loss was given' : `'${path}' of the batch`;
  if (!label) return `${array} have a label outside of the classes${showMicroBatch(found)}`;
  const place = label.place.length === 1 ? `row ${label.place[0]}` : `place [${label.place.join(', ')}]`;
  return (
    `label ${label.label} in ${place} of ${array} is outside of the classes 0 to ${label.numClasses - 1}: ` +
    `classes count from 0, and rows of weight 0 have one, too${showMicroBatch(found)}`
  );
};

/** One sentence for a person. */
export const showNotFinite = (found: NotFinite): string => {
  const { kind, path, method, weight } = found;
  if (kind === 'label') return showLabel(found);
  if (kind === 'weight') {
    return weight === 0
      ? 'the weight of the batch is 0, so that its mean loss is 0 / 0: give each batch an example whose weight is above 0'
      : `the weight of the batch is ${weight}, expected a number above 0`;
  }
  const places = {
    batch: `'${path}' of the batch`,
    parameter: `the parameter '${path}'`,
    state: `the state '${path}'`,
    output: `the output of module '${path}'${method === 'call' ? '' : `, method '${method}'`}`,
    loss: 'the loss, after outputs that were finite,',
    gradient: `the gradient of '${path}', after a forward pass that was finite,`,
  };
  if (found.isBefore)
    return `an input of module '${path}' is not finite, and no output of a module before is: it was computed between them${showMicroBatch(found)}`;
  return `${places[kind]} is the first number that is not finite${showMicroBatch(found)}`;
};
