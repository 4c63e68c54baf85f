/** The network of `python/network.py`, in renga: the same layers in the same order, and so the same names. */
import * as tf from '@tensorflow/tfjs-core';
import type { Scope } from '../../lib/language/scope.js';
import { transformWithState } from '../../lib/language/transform.js';
import { batchNorm, conv2d, embed, layerNorm, linear, selfAttend } from '../../modules/index.js';
import { gelu } from '../../modules/mlp.js';

/** ids [B, T] int32, image [B, H, W, C], to [B, 7]. */
const network = (s: Scope, ids: tf.Tensor, image: tf.Tensor): tf.Tensor => {
  const words = s.declare(embed({ vocabSize: 11, numChannels: 12 }))(ids);
  const attended = selfAttend({ numHeads: 3 })(s, layerNorm()(s, words));
  const convolved = conv2d({ outputChannels: 5, kernelShape: 3, stride: 2 })(s, image);
  const pixels = s.declare(batchNorm({ decayRate: 0.9 }))(convolved);
  const pooled = tf.mean(tf.relu(pixels), [1, 2]);
  const joined = tf.concat([tf.mean(attended, 1), pooled], 1);
  return linear(7)(s, gelu(linear(16)(s, joined)));
};

export const haikuNetwork = transformWithState(network);
