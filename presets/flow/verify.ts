/** DeepMind's optical flow model at full size, by seed: its file, inputs and outputs. */
import type { Original } from '../verify/original.js';

export const original: Original = {
  file: new URL('./flow.json', import.meta.url),
  argumentsOf: ({ images }) => [images],
};
