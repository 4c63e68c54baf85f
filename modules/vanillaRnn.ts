/**
 * The plain recurrent network.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, flag, type OptionsFor, required, withDefault } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { linear } from './linear.js';
import { type RecurrentCore, zeroState } from './recurrent.js';

const source = 'dm-haiku `hk.VanillaRNN`';

export const vanillaRnnConfig = config('vanillaRnn', 'A plain recurrent network.', {
  hiddenSize: required(count, { doc: 'Width of the state and of the output.', source }),
  doubleBias: withDefault(flag, true, { doc: 'True for a bias in both linear layers.', source }),
});
export type VanillaRnnOptions = OptionsFor<typeof vanillaRnnConfig> & { readonly name?: string };

/**
 * x [B, C] and the state [B, H] to relu(linear(x) + linear_1(state)), which is the output and the next state. Declares
 * `linear` and `linear_1`.
 * Source: dm-haiku `hk.VanillaRNN`.
 */
export const vanillaRnn = (given: VanillaRnnOptions) => {
  const { name = 'vanilla_rnn', ...options } = vanillaRnnConfig.given(given);
  const config = vanillaRnnConfig.make(options);
  const { hiddenSize, doubleBias } = config;
  return module(
    name,
    (s): RecurrentCore<tf.Tensor> => ({
      call: (x, state) => {
        const inputToHidden = linear(hiddenSize)(s, x);
        const hiddenToHidden = linear(hiddenSize, { withBias: doubleBias })(s, state);
        const next = tf.relu(tf.add(inputToHidden, hiddenToHidden));
        return [next, next];
      },
      initialState: (batch) => zeroState(hiddenSize, batch),
    }),
    { config },
  );
};
