/**
 * A photograph in, named classes out: everything around an ImageNet classifier but the network.
 * Source: DeepMind's ImageNet classification colab.
 */
import { either as E } from 'fp-ts';
import { type ClassGuess, topClasses } from '../classes.js';
import type { Picture } from '../../lib/media/picture.js';
import type { InputError } from '../../lib/data/inputError.js';
import { centreCrop, normalizeImagenet } from './crop.js';
import { imagenetLabels } from './labels.js';

/** The middle of a picture, resized and normalised: [height, width, 3] float32. */
export const imagenetInput = (
  picture: Picture,
  size: { readonly width: number; readonly height: number },
): E.Either<InputError, Float32Array> => E.map(normalizeImagenet)(centreCrop(picture, size));

/**
 * The likeliest of ImageNet's classes.
 * @param logits  [numClasses]; names are given where they are ImageNet's 1000
 */
export const imagenetClasses = (logits: ArrayLike<number>, count = 5): readonly ClassGuess[] =>
  topClasses(logits, logits.length === imagenetLabels.length ? imagenetLabels : [], count);
