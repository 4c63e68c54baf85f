/**
 * A picture of a handwritten digit to the digit: checks of the grey picture, and probabilities.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type HostArray, float32, sizeOf } from '../../lib/data/array.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import { luma, type Picture } from '../../lib/media/picture.js';
import { resizeLinear } from '../../lib/media/resize.js';
import { softmax } from '../classes.js';
import type { ImageClassifier, ImageClassifierConfig } from '../imagenet/network.js';
import type { ModelOf, Run } from '../preset.js';

/** A grey picture: one number for each pixel, from 0, empty, to 1, ink; row by row. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** The likeliest digit of a picture. */
export interface Digit {
  readonly digit: number;
  /** Probabilities of the digits from 0 to 9. */
  readonly probabilities: Float64Array;
}

const check = (
  { imageShape }: ImageClassifierConfig,
  picture: GreyPicture,
): E.Either<InputError, HostArray> => {
  const [height, width] = imageShape;
  const size = `${width} × ${height} pixels`;
  if (picture.width !== width || picture.height !== height) {
    return inputError('the picture', `${picture.width} × ${picture.height} pixels`, size);
  }
  if (picture.data?.length !== sizeOf(imageShape))
    return inputError('the picture', `${picture.data?.length ?? 'no'} numbers`, size);
  const odd = Array.from(picture.data).find((pixel) => !(pixel >= 0 && pixel <= 1));
  if (odd !== undefined) return inputError('a pixel', `${odd}`, 'a number from 0 to 1');
  return E.right(float32([1, ...imageShape], picture.data));
};

type DigitModel = ModelOf<ImageClassifierConfig, ImageClassifier, GreyPicture, Digit>;

export const classifyDigit =
  ({ config, network }: DigitModel): Run<GreyPicture, Digit> =>
  (runner, picture) =>
  async () => {
    const checked = check(config, picture);
    if (E.isLeft(checked)) return checked;
    const logits = await runner.run(network, [checked.right]);
    const scores = softmax(logits.data as Float32Array);
    return E.right({ digit: scores.indexOf(Math.max(...scores)), probabilities: scores });
  };

/** A picture in grey at another size, from 0, black, to 1, white. */
export const greyOf = (picture: Picture, width = 8, height = 8): GreyPicture => {
  const { data } = resizeLinear(picture, width, height);
  const grey = (i: number) => luma.reduce((sum, weight, c) => sum + weight * data[4 * i + c], 0) / 255;
  return {
    width,
    height,
    data: Float32Array.from({ length: width * height }, (_, i) => Math.min(1, grey(i))),
  };
};
