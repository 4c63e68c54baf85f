/**
 * Pictures of digits to train on. No preset imports this module, since bundlers carry along every file that a module
 * refers to.
 */
import { float32, type HostArray, int32, toFloat32 } from '../../../lib/data/array.js';
import type { Examples } from '../../../lib/train/data.js';
import type { LabelledImage } from '../../imagenet/recipe/training.js';

/** Pictures to train on and their labels, none of them held out: an `.npz` of `images` and `labels`. */
export const trainingDigits = new URL('../digits-train.npz', import.meta.url);

/** Pictures, [N, 8, 8, 1] from 0 to 1, and the digits they show, [N]. */
export interface LabelledDigits {
  readonly images: HostArray;
  readonly labels: HostArray;
}

/** Pictures as examples, with the digit as label, or the class of the digit. */
export const digitExamples = (
  { images, labels }: LabelledDigits,
  classOf: (digit: number) => number = (digit) => digit,
): Examples<LabelledImage> => {
  const [length, ...shape] = images.shape;
  const pixels = toFloat32(images);
  const size = pixels.length / length;
  return {
    length,
    at: (i) => ({
      image: float32(shape, pixels.subarray(i * size, (i + 1) * size)),
      label: int32([], [classOf(Number(labels.data[i]))]),
    }),
  };
};
