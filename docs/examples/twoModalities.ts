/** One number from a sensor's readings and a short note, of which either may be missing. */
import * as tf from '@tensorflow/tfjs-core';
import {
  engine,
  key,
  module,
  type Params,
  place,
  type Scope,
  toTensor,
  transform,
  tree,
  valueAndGrad,
} from 'renga';
import * as nn from 'renga/modules';
import { normal, randint } from 'renga/random';

await engine();
/** A preprocessor of our own: ids [B, 5] to a sequence [B, 5, 128]. */
const words = module('words', (s) => (ids: tf.Tensor) => {
  const tokens = nn.embed({ vocabSize: 50, numChannels: 128 })(s, ids);
  return { inputs: tf.add(tokens, nn.trainablePosition(5)(s, 1)), withoutPositions: tokens };
});

/** note [B, 5] ids, sensor [B, 64] and mask [B, 5 words + 8 patches], 1 = there, to numbers [B, 1]. */
export const estimator = (s: Scope, note: tf.Tensor, sensor: tf.Tensor, mask: tf.Tensor) => {
  const patches = nn.audioPreprocessor({ samplesPerPatch: 8, position: { kind: 'fourier', numBands: 4 } });
  const both = nn.multimodalPreprocessor({ note: s.declare(words), sensor: s.declare(patches) });
  return nn.perceiver({
    preprocessor: s.declare(both),
    encoder: s.declare(nn.encoder({ numLatents: 8, numLatentChannels: 32, numBlocks: 1 })),
    decoder: s.declare(nn.classificationDecoder({ numClasses: 1, position: { kind: 'trainable' } })),
  })(s, { note, sensor }, { inputMask: mask });
};
export const { init, apply } = transform(estimator);

export const note = toTensor(randint(key(0), [4, 5], 0, 50));
export const sensor = toTensor(normal(key(1), [4, 64]));
const has = (parts: number[], size: number) => tf.tile(tf.tensor2d(parts, [4, 1]), [1, size]);
export const mask = tf.concat([has([1, 0, 1, 1], 5), has([1, 1, 1, 0], 8)], 1); // one has no note, one no readings
const targets = tf.max(sensor, 1, true);
export const loss = (p: Params) => tf.losses.meanSquaredError(targets, apply(p, {}, note, sensor, mask));
export let params: Params<tf.Tensor> = place(init(key(42), note, sensor, mask));
for (let step = 0; step < 3; step++) {
  const { value, grads } = valueAndGrad(loss)(params);
  console.log(`two modalities, step ${step}: loss ${value.dataSync()[0]}`);
  const next = tree.update(params, grads, (p, g) => tf.sub(p, tf.mul(g, 0.001)));
  tf.dispose([value, grads, params]); // the engine's memory is not collected
  params = next;
}

export const model = {
  card: { name: 'two-modalities', title: 'Two modalities', doc: 'A note, readings or both to a number.' },
  network: estimator,
  inputs: [{ shape: [1, 5], dtype: 'int32' }, { shape: [1, 64] }, { shape: [1, 13] }],
  names: { inputs: ['note', 'sensor', 'mask'], output: 'number' },
};
