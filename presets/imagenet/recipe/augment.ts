/**
 * Pictures as the ImageNet models were trained on them: a random part, mirrored half of the time, RandAugment, bicubic
 * resizing without clamping, normalised.
 * Source: deepmind-research `perceiver/train/dataset.py`.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { float32, type HostArray } from '../../../lib/data/array.js';
import type { InputError } from '../../../lib/data/inputError.js';
import { checkPicture, crop, type Picture } from '../../../lib/media/picture.js';
import { foldIn, type Key } from '../../../lib/random/index.js';
import { randomCrop, randomFlip, resizeUnclamped } from '../../../lib/train/augment/geometry.js';
import { randAugment } from '../../../lib/train/augment/randAugment.js';
import { centreArea, normalized } from '../run/crop.js';

/** The network's input [height, width, 3] from a picture, augmented by a key. Where no crop fits, the middle is taken. */
export const augmentedInput = (
  picture: Picture,
  { height, width }: { readonly height: number; readonly width: number },
  key: Key,
): E.Either<InputError, HostArray> =>
  pipe(
    checkPicture('image', picture),
    E.map((checked) => {
      const part = randomCrop(checked, foldIn(key, 0)) ?? crop(checked, centreArea(checked));
      const changed = randAugment(randomFlip(part, foldIn(key, 1)), foldIn(key, 2));
      const values = resizeUnclamped(changed, width, height);
      return float32(
        [height, width, 3],
        values.map((value, i) => normalized(value, i % 3)),
      );
    }),
  );
