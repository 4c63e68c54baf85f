/** DeepMind's video autoencoder at full size, by seed: its file, inputs and outputs. */
import * as tf from '@tensorflow/tfjs-core';
import type { Original, Tensors } from '../verify/original.js';
import type { MultimodalConfig } from './network.js';

const span = ([first, last]: readonly [number, number]): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

export const original: Original = {
  file: new URL('./multimodal.json', import.meta.url),
  argumentsOf: ({ images, audio }, { image, audio: heard }, { numClasses }: MultimodalConfig) => [
    { image: images, audio, label: tf.zeros([images.shape[0], numClasses]) },
    { image: image && span(image), audio: heard && span(heard) },
  ],
  outputsOf: (output: Tensors) => output,
};
