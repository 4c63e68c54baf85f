/**
 * Group normalisation: each group of channels of each example by its own mean and variance.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, required, withDefault } from '../lib/data/config.js';
import { channelsOf, expectDivisible } from '../lib/data/shape.js';
import { module } from '../lib/language/module.js';
import {
  type Affine,
  affineOf,
  axesCodec,
  axesOf,
  normalized,
  normFields,
  type NormInitializers,
  scaled,
} from './norm.js';

const source = 'dm-haiku `hk.GroupNorm`';

export const groupNormConfig = config(
  'groupNorm',
  'Normalisation by mean and variance within groups of channels.',
  {
    groups: required(count, { doc: 'Number of groups; divides the number of channels.', source }),
    axes: withDefault(
      axesCodec,
      { from: 1 },
      {
        doc: 'Axes of the mean and the variance; the last axis stands for the channels of one group.',
        source: `${source}, axis`,
      },
    ),
    ...normFields(source),
  },
);
export type GroupNormOptions = OptionsFor<typeof groupNormConfig> & NormInitializers;

/**
 * [B, N…, C] to the same shape. Leaves `scale` [C], `offset` [C]. The method `affine` takes a scale or an offset that the
 * module has no parameter for.
 * @throws ShapeError when groups do not divide the channels; Error for a scale or an offset that is both parameter and
 *   argument
 * Source: dm-haiku `hk.GroupNorm`; arXiv:1803.08494.
 */
export const groupNorm = (given: GroupNormOptions) => {
  const { name = 'group_norm', scaleInit, offsetInit, ...options } = groupNormConfig.given(given);
  const config = groupNormConfig.make(options);
  const { groups, epsilon } = config;
  return module(
    name,
    (s) => {
      const normalize = (x: tf.Tensor, given?: Affine): tf.Tensor => {
        const C = channelsOf('x', x);
        expectDivisible('the number of channels', C, groups, 'groups');
        const affine = affineOf(s, config, [C], { scaleInit, offsetInit }, given);
        const grouped = tf.reshape(x, [...x.shape.slice(0, -1), groups, C / groups]); // [B, N…, groups, C / groups]
        const axes = axesOf(config.axes, x.rank).map((at) => (at === x.rank - 1 ? at + 1 : at));
        return scaled(tf.reshape(normalized(grouped, axes, epsilon), x.shape), affine);
      };
      return { call: (x: tf.Tensor) => normalize(x), affine: normalize };
    },
    { kind: 'norm', config },
  );
};
