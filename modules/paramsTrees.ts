/**
 * Moving averages and spectral norms of a whole tree of parameters, leaf by leaf, as modules of their own programs.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { config, type OptionsFor, text, withDefault } from '../lib/data/config.js';
import { mapWithPath, type Tree } from '../lib/data/tree.js';
import { module } from '../lib/language/module.js';
import {
  type Averaging,
  exponentialMovingAverage,
  exponentialMovingAverageConfig,
} from './exponentialMovingAverage.js';
import { spectralNorm, spectralNormConfig } from './spectralNorm.js';

const ignoreRegex = (source: string) =>
  withDefault(text, '', {
    doc: 'Regular expression of the leaves that stay as they are, by the beginning of their paths; none if empty.',
    source,
  });

/** Runs a layer on every leaf of a tree whose path does not match. */
const onLeaves = (
  tree: Tree<tf.Tensor>,
  ignored: string,
  run: (path: string, leaf: tf.Tensor) => tf.Tensor,
): Tree<tf.Tensor> => {
  const pattern = ignored === '' ? undefined : new RegExp(`^(?:${ignored})`);
  return mapWithPath(tree, (path, leaf) => (pattern?.test(path) ? leaf : run(path, leaf)));
};

/** The name of a leaf's module, with a word in the place of each `~`. */
const nameOf = (path: string, tilde: string): string => path.replaceAll('/', '__').replaceAll('~', tilde);

export const emaParamsTreeConfig = config('emaParamsTree', 'Moving averages of all parameters.', {
  ...exponentialMovingAverageConfig.fields,
  ignoreRegex: ignoreRegex('dm-haiku `hk.EMAParamsTree`'),
});
export type EmaParamsTreeOptions = OptionsFor<typeof emaParamsTreeConfig> & { readonly name?: string };

/**
 * A tree of tensors to the tree of their moving averages. Declares an `exponentialMovingAverage` for each leaf.
 * @example
 * const ema = transformWithState(emaParamsTree({ decayRate: 0.999 }));
 * const { output: averages, state } = ema.apply({}, before, {}, params);
 * Source: dm-haiku `hk.EMAParamsTree`.
 */
export const emaParamsTree = (given: EmaParamsTreeOptions) => {
  const { name = 'ema_params_tree', ...options } = emaParamsTreeConfig.given(given);
  const config = emaParamsTreeConfig.make(options);
  const { ignoreRegex: ignored, ...average } = config;
  return module(
    name,
    (s) =>
      (tree: Tree<tf.Tensor>, how?: Averaging): Tree<tf.Tensor> =>
        onLeaves(tree, ignored, (path, leaf) =>
          exponentialMovingAverage({ ...average, name: nameOf(path, '_tilde_') })(s, leaf, how),
        ),
    { config },
  );
};

export const snParamsTreeConfig = config('snParamsTree', 'Spectral norms of all parameters.', {
  ...spectralNormConfig.fields,
  ignoreRegex: ignoreRegex('dm-haiku `hk.SNParamsTree`'),
});
export type SnParamsTreeOptions = OptionsFor<typeof snParamsTreeConfig> & { readonly name?: string };

/**
 * A tree of tensors to the tree of them divided by their largest singular values. Declares a `spectralNorm` for each
 * leaf; vectors must be ignored.
 * @throws ShapeError for a leaf that is no matrix
 * Source: dm-haiku `hk.SNParamsTree`.
 */
export const snParamsTree = ({ name = 'sn_params_tree', ...options }: SnParamsTreeOptions = {}) => {
  const config = snParamsTreeConfig.make(options);
  const { ignoreRegex: ignored, ...norm } = config;
  return module(
    name,
    (s) =>
      (tree: Tree<tf.Tensor>, how?: Averaging): Tree<tf.Tensor> =>
        onLeaves(tree, ignored, (path, leaf) =>
          spectralNorm({ ...norm, name: nameOf(path, '_tilde') })(s, leaf, how),
        ),
    { config },
  );
};
