/**
 * Set Transformer: a set of numbers to one vector, in time linear in the set, whatever its order. ISAB attends by way of
 * a few trained points, as a Perceiver's latents; PMA pools with a trained query. Source: arXiv:1810.00825, section 3.
 */
import * as tf from '@tensorflow/tfjs-core';
import { engine, key, module, type Scope, toTensor, transform } from 'renga';
import * as nn from 'renga/modules';
import { normal } from 'renga/random';

await engine();
const D = 32;

/** MAB: x [B, T, D] attends to y [B, S, D]; a linear layer of each row follows. */
const mab = module('mab', (s) => (x: tf.Tensor, y: tf.Tensor) => {
  const h = nn.layerNorm()(s, tf.add(x, nn.attention({ numHeads: 4 })(s, x, y)));
  return nn.layerNorm()(s, tf.add(h, tf.relu(nn.linear(D)(s, h))));
});

/** ISAB: m trained points attend to the set, and the set to what they found. [B, S, D] to the same. */
const isab = (m: number) =>
  module('isab', (s) => (x: tf.Tensor) => {
    const points = nn.trainablePosition(m, { numChannels: D, initScale: 1 })(s, x.shape[0]);
    return mab(s, x, mab(s, points, x));
  });

/** PMA: k trained queries attend to the set. [B, S, D] to [B, k, D]. */
const pma = (k: number) =>
  module('pma', (s) => (x: tf.Tensor) => {
    const queries = nn.trainablePosition(k, { numChannels: D, initScale: 1 })(s, x.shape[0]);
    return mab(s, queries, tf.relu(nn.linear(D)(s, x)));
  });

/** numbers [B, S, 1] to [B, 1]. */
export const setTransformer = (s: Scope, numbers: tf.Tensor) => {
  const encoded = isab(8)(s, isab(8)(s, nn.linear(D)(s, numbers)));
  return nn.linear(1)(s, tf.squeeze(pma(1)(s, encoded), [1]));
};

export const { init, apply } = transform(setTransformer);
export const numbers = toTensor(normal(key(0), [2, 20, 1]));
export const params = init(key(42), numbers);
console.log(`sets: ${apply(params, {}, numbers).dataSync().join(', ')}`);

export const model = {
  card: { name: 'set-transformer', title: 'Set Transformer', doc: 'A set of numbers to one of its own.' },
  network: setTransformer,
  inputs: [{ shape: [1, 20, 1] }],
  names: { inputs: ['numbers'], output: 'number' },
};
