/**
 * The search for the first number that is not finite. The step that met it is computed again, with its batch and its
 * key, and with an observer that looks at every module's outputs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { isTensor, type Leaf, type Params, toTensor } from '../data/leaf.js';
import { mapNest } from '../data/nest.js';
import { flatten, map, mapWithPath, partition, type Tree } from '../data/tree.js';
import { tidy, unrecorded } from '../engine/index.js';
import type { Visit } from '../language/reading.js';
import { valueAndGrad } from '../language/valueAndGrad.js';
import type { Key } from '../random/index.js';
import { type MicroBatch, microBatchesOf, placeBatch } from './batch.js';
import { frozenBy } from './frozen.js';
import type { OptimizerState } from './transformation.js';
import { trainingOptions, type TrainStep } from './trainStep.js';
import type { TrainState } from './trainState.js';

/** The place of the first number that is not finite. */
export interface NotFinite {
  /** The micro-batch, from 0. */
  readonly microBatch: number;
  /** The kind of place: an array of the batch, a parameter, a module's output, the loss, a parameter's gradient. */
  readonly kind: 'batch' | 'parameter' | 'output' | 'loss' | 'gradient';
  /** The array of the batch, the parameter's path, or the module's path; empty for the loss. */
  readonly path: string;
  /** The method of the module; only for outputs. */
  readonly method?: string;
}

type Place = Omit<NotFinite, 'microBatch'>;

/** A place with a flag, a scalar that is true where a number there is not finite. It is read when all are there. */
type Flagged = readonly [place: Place, flag: tf.Tensor];

const isFiniteEach = (x: tf.Tensor): tf.Tensor => tf.less(tf.abs(x), Infinity);

const flagged = (place: Place, x: tf.Tensor): Flagged[] =>
  x.dtype === 'float32'
    ? [[place, unrecorded(() => tidy(() => tf.keep(tf.any(tf.logicalNot(isFiniteEach(x))))))]]
    : [];

const flaggedInTree = (kind: Place['kind'], tree: Tree<tf.Tensor>): Flagged[] =>
  flatten(tree).flatMap(([path, leaf]) => flagged({ kind, path }, leaf));

const flaggedInNest = (nest: unknown, placeOf: (path: string) => Place): Flagged[] => {
  const found: Flagged[] = [];
  mapNest(nest, isTensor, (tensor, path) => void found.push(...flagged(placeOf(path.join('.')), tensor)));
  return found;
};

/** The first place whose flag is true; the flags are freed. */
const firstOf = async (all: readonly Flagged[]): Promise<Place | undefined> => {
  const flags = await Promise.all(all.map(([, flag]) => flag.data()));
  tf.dispose(all.map(([, flag]) => flag));
  return all.find((_, i) => flags[i][0] !== 0)?.[0];
};

/**
 * The place of the first number that is not finite in a step.
 * @param state  the state that the step kept: its parameters are those that the step began with
 * @param batch  the step's batch
 * @param key    the step's key
 * @returns undefined where everything is finite this time
 */
export const findNotFinite = async <B, S extends OptimizerState>(
  { parts: { loss, options } }: Pick<TrainStep<B, S>, 'parts'>,
  state: TrainState<S>,
  batch: B,
  key: Key,
): Promise<NotFinite | undefined> => {
  const onEngine = (tree: Tree<Leaf>) => map(tree, (leaf) => (isTensor(leaf) ? leaf : toTensor(leaf)));
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
    const observe = ({ path, method, output }: Visit): void =>
      void outputs.push(...flaggedInNest(output, () => ({ kind: 'output', path, method })));
    const { value, grads } = valueAndGrad((mine: Tree<tf.Tensor>) => {
      const all = new Map([...flatten(fixed), ...flatten(mine)]);
      const whole = mapWithPath(params, (path) => all.get(path) as tf.Tensor);
      const weights = { params: whole as Params<tf.Tensor>, state: before };
      return loss(weights, placed, { ...trainingOptions(own, frozen), observe }).sum;
    })(trained);
    // Gradients come from the end of the program, so the last of them is the first that went wrong.
    const slopes = flaggedInTree('gradient', grads as Tree<tf.Tensor>).reverse();
    return [...given, ...outputs, ...flagged({ kind: 'loss', path: '' }, value), ...slopes];
  };
  const parts = microBatchesOf(batch, key, options.microBatches);
  for (const [microBatch, part] of parts.entries()) {
    const found = await firstOf(tidy(() => search(part)));
    if (found) return { microBatch, ...found };
  }
  return undefined;
};

/** One sentence for a person. */
export const showNotFinite = ({ kind, path, method, microBatch }: NotFinite): string => {
  const places = {
    batch: `'${path}' of the batch`,
    parameter: `the parameter '${path}'`,
    output: `the output of module '${path}'${method === 'call' ? '' : `, method '${method}'`}`,
    loss: 'the loss, after outputs that were finite,',
    gradient: `the gradient of '${path}', after a forward pass that was finite,`,
  };
  return `${places[kind]} is the first number that is not finite (micro-batch ${microBatch})`;
};
