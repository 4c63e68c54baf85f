/** Checks of what a training step is made of, and of what its loss gives. */
import { expectNoAdapters } from '../data/adapters.js';
import { isTensor, type State } from '../data/leaf.js';
import { showShape } from '../data/shape.js';
import { flatten, type Tree } from '../data/tree.js';
import { kindOf } from '../data/weights.js';
import type { Frozen } from './frozen.js';
import type { Total } from './losses.js';
import { expectTransformation } from './transformation.js';

/** @throws TypeError for what is no loss or no transformation */
export const expectParts = (loss: unknown, transformation: unknown): void => {
  if (typeof loss !== 'function')
    throw new TypeError(
      `trainStep: the loss is ${kindOf(loss)}, expected a function (weights, batch, options) => weighted(losses): the loss ` +
        'comes first, then the transformation',
    );
  expectTransformation('trainStep', transformation);
};

/** @throws RangeError for parameters with adapters and a loss that adds none: they would never learn */
export const expectAdapted = (loss: { readonly adapters?: unknown }, params: Tree<unknown>): void => {
  if (loss.adapters) return;
  expectNoAdapters(
    'trainStep',
    params,
    'give `adapters.loss(loss)` as the loss; one of your own that adds them names its `adapters`, ' +
      '{ param, settings }, as that one does',
  );
};

/**
 * A total, checked: a sum and a weight, both scalars.
 * @throws TypeError
 */
export const expectTotal = <T extends Total>(where: string, total: T): T => {
  const isScalar = (x: unknown): boolean => isTensor(x) && x.size === 1 && x.rank === 0;
  if (isScalar(total?.sum) && isScalar(total.weight)) return total;
  const shown = (x: unknown): string => (isTensor(x) ? `a tensor ${showShape(x.shape)}` : typeof x);
  const found =
    typeof total !== 'object' || total === null || isTensor(total)
      ? shown(total)
      : `{ sum: ${shown(total.sum)}, weight: ${shown(total.weight)} }`;
  throw new TypeError(
    `${where} gave ${found}, expected { sum, weight }, the sum over examples and its divisor, both tensors of one number, such as tf.scalar(32): ` +
      '`weighted(losses)` makes them of the losses of examples',
  );
};

/** Figures of every step, which no loss or transformation can name its own. */
const ownFigures: readonly string[] = ['loss', 'weight', 'gradientNorm', 'isFinite'];

/** @throws RangeError for figures under names that are taken */
export const expectFreeNames = (where: string, names: readonly string[], taken = ownFigures): void => {
  const found = names.filter((name) => taken.includes(name));
  if (found.length === 0) return;
  const are = found.length === 1 ? 'which is a figure' : 'which are figures';
  throw new RangeError(
    `trainStep: ${where} have the name ${found.join(', ')}, ${are} of every step: take another name`,
  );
};

/**
 * Refuses a result without state where there is some to train: its averages would stay at their first values.
 * @throws TypeError
 */
export const expectNextState = (
  after: State | undefined,
  state: Tree<unknown>,
  frozen: Frozen | undefined,
): void => {
  if (after !== undefined) return;
  const moving = flatten(state).find(([path]) => !(frozen?.isFrozenState(path) ?? false));
  if (!moving) return;
  throw new TypeError(
    `trainStep: the loss gives no state, and the model has some, such as '${moving[0]}': give the state that apply ` +
      'returns beside sum and weight, { ...weighted(…), state }, or freeze it',
  );
};
