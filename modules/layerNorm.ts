/**
 * Layer normalisation: each position by its own mean and variance, over the last axis or over any axes.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { config, type OptionsFor, withDefault } from '../lib/data/config.js';
import { layerNorm as layerNormOperation } from '../lib/engine/index.js';
import { channelsOf } from '../lib/data/shape.js';
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
  shapeAlong,
} from './norm.js';

const source = 'dm-haiku `hk.LayerNorm`';

export const layerNormConfig = config('layerNorm', 'Normalisation by mean and variance over some axes.', {
  axes: withDefault(axesCodec, -1, {
    doc: 'Axes of the mean and the variance: one, a list, or { from, to }.',
    source: `${source}, axis`,
  }),
  paramAxes: withDefault(axesCodec, -1, {
    doc: 'Axes that the scale and the offset run along.',
    source: `${source}, param_axis`,
  }),
  ...normFields(source),
});
export type LayerNormOptions = OptionsFor<typeof layerNormConfig> & NormInitializers;

/** Layer norm over the last axis is one operation, with kernels of its own; over other axes it is composed. */
const layerNormOver = (x: tf.Tensor, axes: readonly number[], affine: Affine, epsilon: number): tf.Tensor => {
  const isLast = axes.length === 1 && axes[0] === x.rank - 1;
  const isPlain = [affine.scale, affine.offset].every((part) => part === undefined || part.rank === 1);
  return isLast && isPlain
    ? layerNormOperation({ x, scale: affine.scale, offset: affine.offset }, { epsilon })
    : scaled(normalized(x, axes, epsilon), affine);
};

/**
 * Layer norm: [..., C] to [..., C]. Leaves `scale` and `offset`: [C], or with `paramAxes` the sizes of those axes and 1
 * elsewhere. The method `affine` takes a scale or an offset that the module has no parameter for.
 * @throws ShapeError for axes that the input lacks; Error for a scale or an offset that is both parameter and argument
 * @example layerNorm({ axes: [1, 2], paramAxes: [1, 2] })
 * Source: dm-haiku `hk.LayerNorm`; perceiver.py `layer_norm`; arXiv:1607.06450.
 */
export const layerNorm = ({
  name = 'layer_norm',
  scaleInit,
  offsetInit,
  ...options
}: LayerNormOptions = {}) => {
  const config = layerNormConfig.make(options);
  return module(
    name,
    (s) => {
      const normalize = (x: tf.Tensor, given?: Affine): tf.Tensor => {
        channelsOf('x', x);
        const axes = axesOf(config.axes, x.rank);
        const shape = shapeAlong(x.shape, config.paramAxes);
        const affine = affineOf(s, config, shape, { scaleInit, offsetInit }, given);
        return layerNormOver(x, axes, affine, config.epsilon);
      };
      return { call: (x: tf.Tensor) => normalize(x), affine: normalize };
    },
    { kind: 'norm', config },
  );
};
