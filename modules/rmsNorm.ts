/**
 * RMS normalisation: each position by the root of its mean square, without centring.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, type OptionsFor, withDefault } from '../lib/data/config.js';
import { type Initializer, ones } from '../lib/language/initializers.js';
import { channelsOf } from '../lib/data/shape.js';
import { module } from '../lib/language/module.js';
import { axesCodec, axesOf, normFields, shapeAlong } from './norm.js';

const source = 'dm-haiku `hk.RMSNorm`';
const { epsilon, withScale } = normFields(source);

export const rmsNormConfig = config('rmsNorm', 'Normalisation by the root mean square over some axes.', {
  axes: withDefault(axesCodec, -1, {
    doc: 'Axes of the mean square: one, a list, or { from, to }.',
    source: `${source}, axis`,
  }),
  paramAxes: withDefault(axesCodec, -1, {
    doc: 'Axes that the scale runs along.',
    source: `${source}, param_axis`,
  }),
  epsilon: { ...epsilon, doc: 'Added to the mean square.' },
  withScale,
});
export type RmsNormOptions = OptionsFor<typeof rmsNormConfig> & {
  /** Ones if not given. */
  readonly scaleInit?: Initializer;
  readonly name?: string;
};

/**
 * x · scale / √(mean(x²) + epsilon): [..., C] to [..., C]. Leaf `scale`: [C], or with `paramAxes` the sizes of those
 * axes and 1 elsewhere.
 * @throws ShapeError for axes that the input lacks
 * Source: dm-haiku `hk.RMSNorm`; arXiv:1910.07467.
 */
export const rmsNorm = ({ name = 'rms_norm', scaleInit = ones, ...options }: RmsNormOptions = {}) => {
  const config = rmsNormConfig.make(options);
  return module(
    name,
    (s) =>
      (x: tf.Tensor): tf.Tensor => {
        channelsOf('x', x);
        const meanSquare = tf.mean(tf.square(x), [...axesOf(config.axes, x.rank)], true);
        const normed = tf.mul(x, tf.rsqrt(tf.add(meanSquare, config.epsilon)));
        const shape = shapeAlong(x.shape, config.paramAxes);
        return config.withScale ? tf.mul(normed, s.param('scale', shape, scaleInit)) : normed;
      },
    { kind: 'norm', config },
  );
};
