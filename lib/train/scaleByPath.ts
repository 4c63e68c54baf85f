/** Rates by path: factors on the updates of some leaves, behind any optimizer. */
import * as tf from '@tensorflow/tfjs-core';
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

const expectFactors = (rates: Rates, { slots }: Layout): void => {
  for (const [leaves, factor] of rates) {
    if (!Number.isFinite(factor) || factor < 0)
      throw new RangeError(`scaleByPath: found the factor ${factor}, expected a number from 0`);
    expectSelected(
      'scaleByPath',
      leaves,
      slots.map(({ path }) => path),
    );
  }
};

/**
 * Updates times a factor for each leaf. At the end of a chain, a factor is the leaf's share of the learning rate.
 * A factor of 0 stops a leaf and still computes its gradient; `freeze` of `trainStep` saves both.
 * @throws RangeError at the first use, for a selection of no leaf and for a factor below 0 or not finite
 * @example chain(lamb(1e-3), scaleByPath([[/^encoder\//, 0.1]])) // the encoder learns ten times slower
 */
export const scaleByPath = (rates: Rates): Transformation<EmptyState> => {
  const factorOf = rateOf(rates);
  const checked = new WeakSet<Layout>();
  const factors = (layout: Layout): tf.Tensor => {
    if (!checked.has(layout)) expectFactors(rates, layout);
    checked.add(layout);
    return column(layout, tf.tensor1d(layout.slots.map(({ path }) => factorOf(path))));
  };
  return stateless((updates) => updates.with(tf.mul(updates.matrix, factors(updates.layout))), {
    scaleByPath: rates.map(([leaves, factor]) => [settingsOf(leaves), factor]),
  });
};
