/** Yes or no from the rows of a table: columns of numbers and of categories, with cells missing here and there. */
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
import { truncatedNormal } from 'renga/initializers';
import * as nn from 'renga/modules';
import { normal, randint } from 'renga/random';

await engine();
/** numbers [B, 3] and kinds [B, 2], ids over both columns, to a vector for each cell: [B, 5, 16]. */
const cells = module('cells', (s) => (numbers: tf.Tensor, kinds: tf.Tensor) => {
  const directions = s.param('directions', [3, 16], truncatedNormal());
  const counted = tf.mul(tf.expandDims(numbers, 2), directions); // [B, 3, 16]
  const named = nn.embed({ vocabSize: 10, numChannels: 16 })(s, kinds); // [B, 2, 16]
  return tf.add(tf.concat([counted, named], 1), nn.trainablePosition(5, { numChannels: 16 })(s, 1));
});

/** mask [B, 5], 1 where a cell is there; any number may stand in the others. Logits [B, 1]. */
export const classifier = (s: Scope, numbers: tf.Tensor, kinds: tf.Tensor, mask: tf.Tensor) =>
  nn.perceiver({
    encoder: s.declare(nn.encoder({ numLatents: 8, numLatentChannels: 32, numBlocks: 1 })),
    decoder: s.declare(nn.classificationDecoder({ numClasses: 1, position: { kind: 'trainable' } })),
  })(s, cells(s, numbers, kinds), { inputMask: mask });
export const { init, apply } = transform(classifier);

export const numbers = toTensor(normal(key(0), [8, 3]));
export const kinds = toTensor(randint(key(1), [8, 2], 0, 10));
export const mask = tf.notEqual(toTensor(randint(key(2), [8, 5], 0, 4)), 0); // a quarter is missing
const answers = tf.cast(tf.greater(tf.sum(numbers, 1, true), 0), 'float32');
export const loss = (p: Params) => tf.losses.sigmoidCrossEntropy(answers, apply(p, {}, numbers, kinds, mask));
export let params: Params<tf.Tensor> = place(init(key(42), numbers, kinds, mask));
for (let step = 0; step < 3; step++) {
  const { value, grads } = valueAndGrad(loss)(params);
  console.log(`a table, step ${step}: loss ${value.dataSync()[0]}`);
  const next = tree.update(params, grads, (p, g) => tf.sub(p, tf.mul(g, 0.05)));
  tf.dispose([value, grads, params]); // the engine's memory is not collected
  params = next;
}

export const model = {
  card: { name: 'table', title: 'A table of mixed columns', doc: 'Rows, cells missing, to yes or no.' },
  network: classifier,
  inputs: [{ shape: [1, 3] }, { shape: [1, 2], dtype: 'int32' }, { shape: [1, 5] }],
  names: { inputs: ['numbers', 'kinds', 'mask'], output: 'logits' },
};
