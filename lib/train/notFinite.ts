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

const hasOther = (x: tf.Tensor): boolean =>
  x.dtype === 'float32' &&
  unrecorded(() => tidy(() => tf.any(tf.logicalNot(isFiniteEach(x))).dataSync()[0] !== 0));

const isFiniteEach = (x: tf.Tensor): tf.Tensor => tf.less(tf.abs(x), Infinity);

const firstPath = (tree: Tree<tf.Tensor>): string | undefined =>
  flatten(tree).find(([, leaf]) => hasOther(leaf))?.[0];

const firstInNest = (nest: unknown): string | undefined => {
  let found: string | undefined;
  mapNest(nest, isTensor, (tensor, path) => {
    if (found === undefined && hasOther(tensor)) found = path.join('.');
  });
  return found;
};

/** A module's output that is not finite; modules are seen innermost first, in the order in which calls end. */
const watcher = () => {
  let found: Pick<NotFinite, 'path' | 'method'> | undefined;
  const observe = ({ path, method, output }: Visit): void => {
    if (found === undefined && firstInNest(output) !== undefined) found = { path, method };
  };
  return { observe, found: () => found };
};

/**
 * The place of the first number that is not finite in a step.
 * @param state  the state that the step kept: its parameters are those that the step began with
 * @param batch  the step's batch
 * @param key    the step's key
 * @returns undefined where everything is finite this time
 */
export const findNotFinite = <B, S extends OptimizerState>(
  { parts: { loss, options } }: Pick<TrainStep<B, S>, 'parts'>,
  state: TrainState<S>,
  batch: B,
  key: Key,
): NotFinite | undefined => {
  const onEngine = (tree: Tree<Leaf>) => map(tree, (leaf) => (isTensor(leaf) ? leaf : toTensor(leaf)));
  const search = ({ batch: part, key: own }: MicroBatch<B>): Omit<NotFinite, 'microBatch'> | undefined => {
    const placed = placeBatch(part);
    const inBatch = firstInNest(placed);
    if (inBatch !== undefined) return { kind: 'batch', path: inBatch };
    const [params, before] = [onEngine(state.params), onEngine(state.state)];
    const inParams = firstPath(params);
    if (inParams !== undefined) return { kind: 'parameter', path: inParams };
    const { freeze } = options;
    const frozen = freeze === undefined ? undefined : frozenBy(freeze, params, before);
    const [fixed, trained] = partition(params, (path) => frozen?.isFrozenParam(path) ?? false);
    const { observe, found } = watcher();
    const { value, grads } = valueAndGrad((mine: Tree<tf.Tensor>) => {
      const all = new Map([...flatten(fixed), ...flatten(mine)]);
      const whole = mapWithPath(params, (path) => all.get(path) as tf.Tensor);
      const weights = { params: whole as Params<tf.Tensor>, state: before };
      return loss(weights, placed, { ...trainingOptions(own, frozen), observe }).sum;
    })(trained);
    const inModule = found();
    if (inModule) return { kind: 'output', ...inModule };
    if (hasOther(value)) return { kind: 'loss', path: '' };
    // Gradients come from the end of the program, so the last of them is the first that went wrong.
    const wrong = flatten(grads as Tree<tf.Tensor>).filter(([, leaf]) => hasOther(leaf));
    return wrong.length > 0 ? { kind: 'gradient', path: wrong[wrong.length - 1][0] } : undefined;
  };
  const parts = microBatchesOf(batch, key, options.microBatches);
  for (const [microBatch, part] of parts.entries()) {
    const found = tidy(() => search(part));
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
