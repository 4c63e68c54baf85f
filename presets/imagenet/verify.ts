/** DeepMind's ImageNet models at full size, by seed: their files, inputs and outputs. */
import type { Original } from '../verify/original.js';

const originalIn = (file: string): Original => ({
  file: new URL(file, import.meta.url),
  argumentsOf: ({ images }) => [images],
});

export const learned = originalIn('./imagenet-learned.json');
export const fourier = originalIn('./imagenet-fourier.json');
export const conv = originalIn('./imagenet-conv.json');
