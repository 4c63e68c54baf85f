/** A classifier of 3-D point clouds: any number of points in any order; a point is nothing but where it is. */
import * as tf from '@tensorflow/tfjs-core';
import { engine, key, type Params, place, type Scope, toTensor, transform, tree, valueAndGrad } from 'renga';
import * as nn from 'renga/modules';
import { uniform } from 'renga/random';

await engine();

/** points [B, N, 3], coordinates in [-1, 1], to logits [B, 2]. */
export const classifier = (s: Scope, points: tf.Tensor) => {
  const features = nn.fourierFeatures(points, { numBands: 6, maxResolution: [12, 12, 12] }); // [B, N, 39]
  const latents = { numLatents: 16, numLatentChannels: 32, numBlocks: 2, numSelfAttendsPerBlock: 2 };
  return nn.perceiver({
    encoder: s.declare(nn.encoder(latents)),
    decoder: s.declare(nn.classificationDecoder({ numClasses: 2, position: { kind: 'trainable' } })),
  })(s, features);
};
export const { init, apply } = transform(classifier);

// Four clouds of 100 points fill a cube, four lie on a sphere.
const cubes = toTensor(uniform(key(0), [4, 100, 3], { min: -1, max: 1 }));
export const clouds = tf.concat([cubes, tf.div(cubes, tf.norm(cubes, 2, 2, true))]);
const classes = tf.oneHot(tf.tensor1d([0, 0, 0, 0, 1, 1, 1, 1], 'int32'), 2);
export const loss = (p: Params) => tf.losses.softmaxCrossEntropy(classes, apply(p, {}, clouds));

export let params: Params<tf.Tensor> = place(init(key(42), clouds));
for (let step = 0; step < 3; step++) {
  const { value, grads } = valueAndGrad(loss)(params);
  console.log(`point clouds, step ${step}: loss ${value.dataSync()[0]}`);
  const next = tree.update(params, grads, (p, g) => tf.sub(p, tf.mul(g, 0.005)));
  tf.dispose([value, grads, params]); // the engine's memory is not collected
  params = next;
}

export const model = {
  card: {
    name: 'point-cloud',
    title: 'Point clouds',
    doc: 'Points in any order to the scores of two shapes.',
  },
  network: classifier,
  inputs: [{ shape: [1, 100, 3] }],
  names: { inputs: ['points'], output: 'logits' },
};
