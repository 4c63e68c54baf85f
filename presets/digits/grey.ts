/**
 * Pictures as the digits model takes them: grey, 8 × 8, light ink on dark paper.
 */
import type { Picture } from '../../lib/media/picture.js';
import { resizeLinear } from '../../lib/media/resize.js';
import type { GreyPicture } from './digits.js';

/** Weights of red, green and blue in a grey value. Source: ITU-R BT.601. */
const luma = [0.299, 0.587, 0.114];

/** A picture in grey at another size, 0 black to 1 white. */
export const greyOf = (picture: Picture, width = 8, height = 8): GreyPicture => {
  const { data } = resizeLinear(picture, width, height);
  const grey = (i: number) => luma.reduce((sum, weight, c) => sum + weight * data[4 * i + c], 0) / 255;
  return {
    width,
    height,
    data: Float32Array.from({ length: width * height }, (_, i) => Math.min(1, grey(i))),
  };
};
