/** Convolutions large enough for our own product: the same on every setting, with gradients. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { gradients } from '../../../lib/engine/index.js';
import { distance, isSame, noise, onEverySetting } from './settings.js';

interface Case {
  readonly x: number[];
  readonly filter: number[];
  readonly strides?: number | [number, number];
  readonly pad?: 'same' | 'valid' | number;
  readonly dilations?: number;
}

const cases: Readonly<Record<string, Case>> = {
  'strides of 2, as the stem of ImageNet has': { x: [1, 61, 64, 3], filter: [7, 7, 3, 32], strides: 2 },
  'several images, several chunks of patches': { x: [3, 62, 59, 16], filter: [5, 5, 16, 2] },
  'one pixel at a time': { x: [2, 40, 41, 24], filter: [1, 1, 24, 64] },
  'every second pixel': { x: [1, 80, 81, 64], filter: [1, 1, 64, 64], strides: 2 },
  'unequal strides': { x: [1, 90, 50, 32], filter: [3, 3, 32, 12], strides: [3, 1] },
  'no padding': { x: [1, 33, 34, 32], filter: [3, 4, 32, 12], pad: 'valid' },
  'padding by hand': { x: [1, 33, 34, 32], filter: [3, 3, 32, 12], pad: 2 },
  'a window of holes': { x: [1, 24, 24, 16], filter: [3, 3, 16, 64], dilations: 2 },
};

for (const [name, { x, filter, strides = 1, pad = 'same', dilations = 1 }] of Object.entries(cases))
  t.test(name, async (t) => {
    const convolve = ([image, kernel]: readonly tf.Tensor[]): tf.Tensor =>
      tf.conv2d(image as tf.Tensor4D, kernel as tf.Tensor4D, strides, pad, 'NHWC', dilations);
    const runs = await onEverySetting(() => {
      const inputs = [noise(x, 1), noise(filter, 2)];
      const y = convolve(inputs);
      const dy = noise(y.shape, 3);
      return [y, ...gradients((at) => tf.sum(tf.mul(convolve(at), dy)), inputs).grads];
    });
    const [height, width, channels] = filter;
    const terms = height * width * channels;
    t.ok(runs.cpu[0].length * terms >= 2 ** 22, 'it is large');
    for (const kernels of ['relaxed', 'plain', 'stock'] as const)
      t.ok(distance(runs[kernels], runs.cpu) <= 1e-5 * Math.sqrt(terms), kernels);
    t.ok(isSame(runs.relaxed, runs.relaxedTwice) && isSame(runs.plain, runs.plainTwice), 'on two threads');
  });
