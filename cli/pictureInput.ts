/** The input of an image classifier from a picture, for judging and for training. */
import * as E from 'fp-ts/lib/Either.js';
import { float32, type HostArray } from '../lib/data/array.js';
import type { InputError } from '../lib/data/inputError.js';
import type { Picture } from '../lib/media/picture.js';
import { greyOf } from '../presets/digits/run.js';
import { imagenetInput } from '../presets/imagenet/run.js';

/**
 * The values of a picture that a network of this `imageShape` takes: luminance for one channel, else the middle part with
 * ImageNet's statistics.
 * @param shape  [height, width, channels], the shape of the result
 */
export const pictureInput = (
  picture: Picture,
  shape: readonly number[],
): E.Either<InputError, HostArray<'float32'>> => {
  const [height, width, channels] = shape;
  return channels === 1
    ? E.right(float32(shape, Float32Array.from(greyOf(picture, width, height).data)))
    : E.map((values: Float32Array) => float32(shape, values))(imagenetInput(picture, { width, height }));
};
