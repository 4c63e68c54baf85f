/**
 * A photograph to the input of an ImageNet classifier: the middle of the picture, resized and normalised.
 * Source: DeepMind's ImageNet classification colab, `resize_and_center_crop` and `normalize`.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type InputError, inputError } from '../../../lib/data/inputError.js';
import {
  type Area,
  checkPicture,
  crop,
  type Picture,
  pixelValues,
  showSize,
} from '../../../lib/media/picture.js';
import { resizeCubic } from '../../../lib/media/resize.js';

/** Mean and standard deviation of ImageNet's channels, for values in [0, 255]. */
const mean = [0.485 * 255, 0.456 * 255, 0.406 * 255];
const standardDeviation = [0.229 * 255, 0.224 * 255, 0.225 * 255];

/** The share of the shorter side that is kept: 224 of 224 and a padding of 32. */
const kept = 224 / (224 + 32);

/** The square in the middle that is kept of a picture; an odd pixel falls to the right and below. */
export const centreArea = ({ width, height }: Pick<Picture, 'width' | 'height'>): Area => {
  const side = Math.floor(kept * Math.min(width, height));
  const offset = (length: number) => Math.floor((length - side + 1) / 2);
  return { left: offset(width), top: offset(height), width: side, height: side };
};

/** The middle of a picture, resized. */
export const centreCrop = (
  picture: Picture,
  size: { readonly width: number; readonly height: number },
): E.Either<InputError, Picture> =>
  pipe(
    checkPicture('image', picture),
    E.chain((checked) => {
      const area = centreArea(checked);
      return area.width > 0
        ? E.right(resizeCubic(crop(checked, area), size.width, size.height))
        : inputError('image', showSize(checked), 'at least 2 × 2 pixels');
    }),
  );

/** A value in [0, 255] of channel 0, 1 or 2 as networks take it. */
export const normalized = (value: number, channel: number): number =>
  (value - mean[channel]) / standardDeviation[channel];

/** The network's input from a picture: [height, width, 3] float32. */
export const normalizeImagenet = (picture: Picture): Float32Array => pixelValues(picture, normalized);
