/**
 * Layer normalisation over the last axis, with a scale and an offset.
 */
import * as tf from '@tensorflow/tfjs-core';
import { layerNorm as layerNormOperation } from '../lib/engine/index.js';
import { ones, zeros } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';

export interface LayerNormOptions {
  /** Added to the variance; 1e-5 if not given. */
  readonly epsilon?: number;
  /** True to scale each channel by a parameter; true if not given. */
  readonly withScale?: boolean;
  /** True to add a parameter to each channel; true if not given. */
  readonly withOffset?: boolean;
  readonly name?: string;
}

/**
 * Layer norm: [..., C] to [..., C]. Leaves `scale` [C], `offset` [C], where there are such.
 * Source: dm-haiku `hk.LayerNorm(axis=-1, create_scale, create_offset)`; perceiver.py `layer_norm`.
 */
export const layerNorm = ({
  epsilon = 1e-5,
  withScale = true,
  withOffset = true,
  name = 'layer_norm',
}: LayerNormOptions = {}) =>
  module(
    name,
    (s) => (x: tf.Tensor) => {
      const { C } = expectShape('x', x.shape.slice(-1), ['C']);
      const scale = withScale ? s.param('scale', [C], ones) : undefined;
      const offset = withOffset ? s.param('offset', [C], zeros) : undefined;
      return layerNormOperation({ x, scale, offset }, { epsilon });
    },
    { kind: 'norm', config: { epsilon, withScale, withOffset } },
  );
