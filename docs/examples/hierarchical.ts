/**
 * A hierarchical Perceiver: groups of the input have latents of their own, then groups are joined, two by two, until one
 * is left. Attention stays inside of a group, so that a long input is cheap. After arXiv:2202.10890, sizes of ours.
 */
import * as tf from '@tensorflow/tfjs-core';
import { engine, key, module, type Scope, toTensor, transform } from 'renga';
import * as nn from 'renga/modules';
import { normal } from 'renga/random';

await engine();

interface Level {
  readonly numGroups: number;
  readonly numLatents: number;
  readonly numLatentChannels: number;
}

/** Every group of x [B, N, C] by one encoder: [B, numGroups · numLatents, numLatentChannels]. */
const level = ({ numGroups, numLatents, numLatentChannels }: Level) =>
  module('level', (s) => (x: tf.Tensor) => {
    const [B, N, C] = x.shape as [number, number, number];
    const sizes = { numLatents, numLatentChannels, numBlocks: 1, numSelfAttendsPerBlock: 2 };
    const encoder = s.declare(nn.encoder({ ...sizes, numSelfAttendHeads: 4 }));
    const groups = tf.reshape(x, [B * numGroups, N / numGroups, C]) as tf.Tensor3D;
    const z = encoder(groups, encoder.latents(B * numGroups));
    return tf.reshape(z, [B, numGroups * numLatents, numLatentChannels]);
  });

/** sound [B, 1024] to logits [B, 4]: 16 groups of 8 latents, then 4, then 1. */
export const hierarchical = (s: Scope, sound: tf.Tensor) => {
  const [B, length] = sound.shape as [number, number];
  const samples = tf.reshape(sound, [B, length / 4, 4]);
  const places = nn.fourierPosition([length / 4], { numBands: 8 })(s, B); // [B, 256, 17]
  const levels: Level[] = [
    { numGroups: 16, numLatents: 8, numLatentChannels: 16 },
    { numGroups: 4, numLatents: 8, numLatentChannels: 32 },
    { numGroups: 1, numLatents: 8, numLatentChannels: 64 },
  ];
  const z = levels.reduce((x, each) => level(each)(s, x), tf.concat([samples, places], 2) as tf.Tensor);
  return nn.linear(4)(s, tf.mean(z, 1));
};

export const { init, apply } = transform(hierarchical);
export const sound = toTensor(normal(key(0), [2, 1024]));
export const params = init(key(42), sound);
console.log(`a hierarchy: ${apply(params, {}, sound).shape.join(' × ')} logits`);

export const model = {
  card: {
    name: 'hierarchical',
    title: 'Hierarchical Perceiver',
    doc: 'Sound to the scores of four classes.',
  },
  network: hierarchical,
  inputs: [{ shape: [1, 1024] }],
  names: { inputs: ['sound'], output: 'logits' },
};
