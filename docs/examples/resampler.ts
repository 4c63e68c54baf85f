/**
 * Flamingo's Perceiver resampler: the features of any number of frames to 16 vectors, which a language model attends to.
 * Latents attend to features and latents together. Source: arXiv:2204.14198, appendix A.1.1.
 */
import * as tf from '@tensorflow/tfjs-core';
import { engine, key, module, type Scope, toTensor, transform } from 'renga';
import * as nn from 'renga/modules';
import { normal } from 'renga/random';

await engine();
const squaredRelu = (x: tf.Tensor) => tf.square(tf.relu(x));

/** Latents z [B, R, D] and features [B, T · N, D] to latents. */
const block = module('resampler_block', (s) => (z: tf.Tensor, features: tf.Tensor) => {
  const normed = nn.layerNorm()(s, z);
  const seen = tf.concat([nn.layerNorm()(s, features), normed], 1);
  const attended = tf.add(z, nn.attention({ numHeads: 4 })(s, normed, seen));
  const widen = nn.mlp({ wideningFactor: 4, activation: squaredRelu });
  return tf.add(attended, widen(s, nn.layerNorm()(s, attended)));
});

/** features [B, T, N, D], T at most 8 frames of N vectors, to [B, 16, D]. */
export const resampler = (s: Scope, features: tf.Tensor) => {
  const [B, T, N, D] = features.shape as [number, number, number, number];
  const times = nn.trainablePosition(8, { numChannels: D })(s, 1); // [1, 8, D]
  const placed = tf.add(features, tf.reshape(tf.slice(times, [0, 0, 0], [1, T, D]), [1, T, 1, D]));
  const sequence = tf.reshape(placed, [B, T * N, D]);
  let z = nn.trainablePosition(16, { numChannels: D })(s, B) as tf.Tensor; // [B, 16, D]
  for (let layer = 0; layer < 2; layer++) z = block(s, z, sequence);
  return nn.layerNorm()(s, z);
};

export const { init, apply } = transform(resampler);
export const params = init(key(42), tf.zeros([1, 4, 9, 32]));
for (const frames of [1, 8]) {
  const output = apply(params, {}, toTensor(normal(key(frames), [2, frames, 9, 32])));
  console.log(`resampler, ${frames} frames: ${output.shape.join(' × ')}`);
}

export const model = {
  card: { name: 'resampler', title: 'Perceiver resampler', doc: 'Features of frames to 16 vectors.' },
  network: resampler,
  inputs: [{ shape: [1, 4, 9, 32] }],
  names: { inputs: ['features'], output: 'vectors' },
};
