/**
 * Instance normalisation: each channel of each example by its own mean and variance.
 */
import { config, type OptionsFor } from '../lib/data/config.js';
import { layerNorm } from './layerNorm.js';
import { normFields, type NormInitializers } from './norm.js';

const source = 'dm-haiku `hk.InstanceNorm`';

export const instanceNormConfig = config(
  'instanceNorm',
  'Normalisation of each channel of each example over its positions.',
  normFields(source),
);
export type InstanceNormOptions = OptionsFor<typeof instanceNormConfig> & NormInitializers;

/**
 * [B, N…, C] to the same shape: a layer norm over the axes N…. Leaves `scale` [C], `offset` [C].
 * Source: dm-haiku `hk.InstanceNorm`; arXiv:1607.08022.
 */
export const instanceNorm = ({
  name = 'instance_norm',
  scaleInit,
  offsetInit,
  ...options
}: InstanceNormOptions = {}) =>
  layerNorm({ ...instanceNormConfig.make(options), axes: { from: 1, to: -1 }, scaleInit, offsetInit, name });
