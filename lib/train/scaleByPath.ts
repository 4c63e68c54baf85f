/** Rates by path: factors on the updates of some leaves, behind any optimizer. */
import * as tf from '@tensorflow/tfjs-core';
import { nonNegative } from '../data/config.js';
import { kindOf } from '../data/weights.js';
import { expectOptions } from './options.js';
import { selects, type Selection } from '../data/tree.js';
import { column, type Layout } from './leaves.js';
import { expectSelected } from './selected.js';
import { settingsOf } from './settings.js';
import { type EmptyState, stateless, type Transformation } from './transformation.js';

/** Selections of leaves with the factor of their rate; the first that selects a leaf counts. */
export type Rates = readonly (readonly [leaves: Selection, factor: number])[];

/** The factor of a leaf's rate; 1 for leaves that no selection has. */
export const rateOf = (rates: Rates): ((path: string) => number) => {
  const tests = rates.map(([leaves, factor]) => [selects(leaves), factor] as const);
  return (path) => tests.find(([isSelected]) => isSelected(path))?.[1] ?? 1;
};

/** @throws RangeError for a factor below 0 or not finite; TypeError for what is no list of pairs */
const expectFactors = (where: string, rates: Rates): void => {
  if (!Array.isArray(rates) || !rates.every((each) => Array.isArray(each) && each.length === 2))
    throw new TypeError(
      `${where}: found ${kindOf(rates)}, expected pairs of leaves and a factor, [[/^encoder\\//, 0.1]]`,
    );
  for (const [leaves, factor] of rates) {
    selects(leaves, where);
    expectOptions(where, { [`the factor of ${String(leaves)}`]: [factor, nonNegative] });
  }
};

/** @throws as `scaleByPath`, and RangeError for a selection of no leaf */
export const expectRates = (where: string, rates: Rates, paths: readonly string[]): void => {
  expectFactors(where, rates);
  for (const [leaves] of rates) expectSelected(where, leaves, paths);
};

/**
 * Updates times a factor for each leaf. At the end of a chain, a factor is the leaf's share of the learning rate. In
 * front of optimizers such as Adam and LAMB it would change next to nothing: they divide by the size of gradients.
 * A factor of 0 stops a leaf and still computes its gradient; `freeze` of `trainStep` saves both.
 * @throws RangeError for a factor below 0 or not finite; at the first use for a selection of no leaf
 * @example chain(lamb(1e-3), scaleByPath([[/^encoder\//, 0.1]])) // the encoder learns ten times slower
 */
export const scaleByPath = (rates: Rates): Transformation<EmptyState> => {
  expectFactors('scaleByPath', rates);
  const factorOf = rateOf(rates);
  const checked = new WeakSet<Layout>();
  const factors = (layout: Layout): tf.Tensor => {
    if (!checked.has(layout))
      expectRates(
        'scaleByPath',
        rates,
        layout.slots.map(({ path }) => path),
      );
    checked.add(layout);
    return column(layout, tf.tensor1d(layout.slots.map(({ path }) => factorOf(path))));
  };
  return stateless((updates) => updates.with(tf.mul(updates.matrix, factors(updates.layout))), {
    scaleByPath: rates.map(([leaves, factor]) => [settingsOf(leaves), factor]),
  });
};
