/**
 * The gated recurrent unit.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, required } from '../lib/data/config.js';
import { channelsOf } from '../lib/data/shape.js';
import { type Initializer, varianceScaling, zeros } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { affine } from './linear.js';
import { type RecurrentCore, zeroState } from './recurrent.js';

export const gruConfig = config('gru', 'A gated recurrent unit.', {
  hiddenSize: required(count, { doc: 'Width of the state and of the output.', source: 'dm-haiku `hk.GRU`' }),
});
export type GruOptions = OptionsFor<typeof gruConfig> & {
  /** Of the inputs' weights; VarianceScaling() if not given. */
  readonly wIInit?: Initializer;
  /** Of the state's weights; VarianceScaling() if not given. */
  readonly wHInit?: Initializer;
  /** Zeros if not given. */
  readonly bInit?: Initializer;
  readonly name?: string;
};

/**
 * x [B, C] and the state [B, H] to the next state, which is the output too. Leaves `w_i` [C, 3·H], `w_h` [H, 3·H], `b`
 * [3·H], for the gates z, r and the candidate a; the state is reset by r before its product.
 * Source: dm-haiku `hk.GRU`; arXiv:1412.3555.
 */
export const gru = (given: GruOptions) => {
  const {
    name = 'gru',
    wIInit = varianceScaling(),
    wHInit = varianceScaling(),
    bInit = zeros,
    ...options
  } = gruConfig.given(given);
  const config = gruConfig.make(options);
  const H = config.hiddenSize;
  return module(
    name,
    (s): RecurrentCore<tf.Tensor> => ({
      call: (x, state) => {
        const inputs = s.param('w_i', [channelsOf('x', x), 3 * H], wIInit);
        const [gates, candidate] = tf.split(s.param('w_h', [H, 3 * H], wHInit), [2 * H, H], 1);
        const fromInputs = affine(x, inputs, s.param('b', [3 * H], bInit)); // [B, 3·H]
        const [zrOfInputs, aOfInputs] = tf.split(fromInputs, [2 * H, H], fromInputs.rank - 1);
        const zr = tf.sigmoid(tf.add(zrOfInputs, affine(state, gates))); // [B, 2·H]
        const [z, r] = tf.split(zr, 2, zr.rank - 1);
        const a = tf.tanh(tf.add(aOfInputs, affine(tf.mul(r, state), candidate)));
        const next = tf.add(tf.mul(tf.sub(1, z), state), tf.mul(z, a));
        return [next, next];
      },
      initialState: (batch) => zeroState(H, batch),
    }),
    { config },
  );
};
