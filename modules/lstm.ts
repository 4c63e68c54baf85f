/**
 * The long short-term memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, required } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { linear } from './linear.js';
import { type RecurrentCore, zeroState } from './recurrent.js';

export const lstmConfig = config('lstm', 'A long short-term memory.', {
  hiddenSize: required(count, { doc: 'Width of the state and of the output.', source: 'dm-haiku `hk.LSTM`' }),
});
export type LstmOptions = OptionsFor<typeof lstmConfig> & { readonly name?: string };

/** The state of an LSTM: each [B, H], or [H] without a batch. */
export type LstmState = { readonly hidden: tf.Tensor; readonly cell: tf.Tensor };

/**
 * x [B, C] and the state to the next hidden state [B, H], and the state. Declares `linear` [C + H, 4·H], which gives the
 * gates i, g, f, o of [x, hidden]; 1 is added to f.
 * Source: dm-haiku `hk.LSTM`; arXiv:1409.2329.
 */
export const lstm = (given: LstmOptions) => {
  const { name = 'lstm', ...options } = lstmConfig.given(given);
  const config = lstmConfig.make(options);
  const { hiddenSize } = config;
  return module(
    name,
    (s): RecurrentCore<LstmState> => ({
      call: (x, { hidden: before, cell: past }) => {
        const gates = linear(4 * hiddenSize)(s, tf.concat([x, before], -1)); // [B, 4·H]
        const [i, g, f, o] = tf.split(gates, 4, gates.rank - 1);
        const kept = tf.mul(tf.sigmoid(tf.add(f, 1)), past);
        const cell = tf.add(kept, tf.mul(tf.sigmoid(i), tf.tanh(g)));
        const hidden = tf.mul(tf.sigmoid(o), tf.tanh(cell));
        return [hidden, { hidden, cell }];
      },
      initialState: (batch) => ({ hidden: zeroState(hiddenSize, batch), cell: zeroState(hiddenSize, batch) }),
    }),
    { config },
  );
};
