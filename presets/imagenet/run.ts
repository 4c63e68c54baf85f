/**
 * A photograph to named classes. Source: DeepMind's ImageNet classification colab.
 */
import * as E from 'fp-ts/lib/Either.js';
import { float32 } from '../../lib/data/array.js';
import type { InputError } from '../../lib/data/inputError.js';
import type { Picture } from '../../lib/media/picture.js';
import { type ClassGuess, topClasses } from '../classes.js';
import type { ModelOf, Run } from '../preset.js';
import type { ImageClassifier, ImageClassifierConfig } from './network.js';
import { centreCrop, normalizeImagenet } from './run/crop.js';

/** The middle of a picture, resized and normalised: [height, width, 3] float32. */
export const imagenetInput = (
  picture: Picture,
  size: { readonly width: number; readonly height: number },
): E.Either<InputError, Float32Array> => E.map(normalizeImagenet)(centreCrop(picture, size));

/**
 * The likeliest classes of logits, with ImageNet's names if there are 1000 of them.
 * @param logits  [numClasses]
 */
export const imagenetClasses = async (
  logits: ArrayLike<number>,
  count = 5,
): Promise<readonly ClassGuess[]> => {
  // Loaded here, since most programs that import presets classify no photograph.
  const { imagenetLabels } = await import('./run/labels.js');
  return topClasses(logits, logits.length === imagenetLabels.length ? imagenetLabels : [], count);
};

type ImagenetModel = ModelOf<
  Pick<ImageClassifierConfig, 'imageShape' | 'numClasses'>,
  ImageClassifier,
  Picture,
  readonly ClassGuess[]
>;

/** A picture of any size to its classes, all of them, the likeliest first. */
export const classifyPicture =
  ({ config, network }: ImagenetModel): Run<Picture, readonly ClassGuess[]> =>
  (runner, picture) =>
  async () => {
    const { imageShape, numClasses } = config;
    const [height, width] = imageShape;
    const input = imagenetInput(picture, { width, height });
    if (E.isLeft(input)) return input;
    const logits = await runner.run(network, [float32([1, ...imageShape], input.right)]);
    return E.right(await imagenetClasses(logits.data as Float32Array, numClasses));
  };
