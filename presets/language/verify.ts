/** DeepMind's language model at full size, by seed: its file, inputs and outputs. */
import type { Original } from '../verify/original.js';

export const original: Original = {
  file: new URL('./language.json', import.meta.url),
  argumentsOf: ({ inputs, input_mask: mask }) => [inputs, mask],
};
