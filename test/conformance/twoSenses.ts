/** A Perceiver of one's own, as the guide composes one: a picture and readings of which some are missing, to a class. */
import * as tf from '@tensorflow/tfjs-core';
import { float32, int32 } from '../../lib/data/array.js';
import { module } from '../../lib/language/module.js';
import { transform } from '../../lib/language/transform.js';
import { key, normal, uniform } from '../../lib/random/index.js';
import * as train from '../../lib/train/index.js';
import { classificationDecoder, encoder, imagePreprocessor, linear } from '../../modules/index.js';

const example = (seed: number) => {
  const [image, values] = [normal(key(seed), [8, 8, 1]), normal(key(seed + 5000), [6, 2])];
  const present = uniform(key(seed + 9000), [6]).data.map((x) => (x < 0.7 ? 1 : 0));
  const high = present.reduce((sum, there, i) => sum + there * values.data[2 * i], 0);
  const bright = image.data.reduce((a, b) => a + b) / 8;
  return { image, values, present: float32([6], present), label: int32([], [high + bright > 0 ? 1 : 0]) };
};

const network = module('two_senses', (s) => {
  const features = { kind: 'patches', spatialDownsample: 4, linearChannels: 14 } as const;
  const picture = s.declare(imagePreprocessor({ features, position: { kind: 'fourier', numBands: 4 } }));
  const readings = s.declare(linear(32, { name: 'readings' }));
  const latents = { numLatents: 8, numLatentChannels: 32, numBlocks: 1, numSelfAttendsPerBlock: 1 };
  const encode = s.declare(encoder({ ...latents, numSelfAttendHeads: 2, dropoutRate: 0.1 }));
  const position = { kind: 'trainable', numChannels: 32 } as const;
  const decode = s.declare(classificationDecoder({ numClasses: 2, position }));
  return (image: tf.Tensor, values: tf.Tensor, present: tf.Tensor) => {
    const inputs = tf.concat([picture(image).inputs, readings(values)], 1); // [B, 4 + 6, 32]
    const mask = tf.concat([tf.ones([image.shape[0], 4]), present], 1);
    const z = encode(inputs, encode.latents(image.shape[0]), mask);
    return decode(decode.decoderQuery(image.shape[0]).query, z);
  };
});

/** Its training by LAMB, with an average of the weights and two micro-batches a step. */
export const twoSenses = (rate: number) => {
  const model = transform(network);
  const loss: train.Loss<train.Batched<ReturnType<typeof example>>> = ({ params }, batch, options) => {
    const logits = model.apply(params, options, batch.image, batch.values, batch.present);
    return train.weighted(train.softmaxCrossEntropyWithIntegerLabels(logits, batch.label));
  };
  const schedule = train.cosineDecaySchedule({ initValue: rate, decaySteps: 200 });
  const step = train.trainStep(loss, train.lamb(schedule), {
    microBatches: 2,
    ema: { decay: 0.9, start: 'zeros' },
  });
  const params = model.init(key(0), { shape: [1, 8, 8, 1] }, { shape: [1, 6, 2] }, { shape: [1, 6] });
  return {
    step,
    state: step.init({ params }, key(1)),
    data: train.batches({ length: 640, at: example }, { batchSize: 16 }),
    key: key(2),
  };
};
