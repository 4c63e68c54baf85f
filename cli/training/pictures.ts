/** Pictures for training image classifiers: those of the package, or a person's own. */
import type * as E from 'fp-ts/lib/Either.js';
import { type HostArray, int32 } from '../../lib/data/array.js';
import { type InputError, showInputError } from '../../lib/data/inputError.js';
import type { Picture } from '../../lib/media/picture.js';
import { readPicture } from '../../lib/media/readPicture.js';
import type { Key } from '../../lib/random/index.js';
import type { Examples } from '../../lib/train/data.js';
import type { LabelledFile } from '../../lib/train/readers/labelledFiles.js';
import { digitExamples, trainingDigits } from '../../presets/digits/recipe/training.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { augmentedInput } from '../../presets/imagenet/recipe/augment.js';
import type { LabelledImage } from '../../presets/imagenet/recipe/training.js';
import { readArrays } from '../demo/readArrays.js';
import { orFail, runOrFail, UsageError } from '../failure.js';
import { pictureInput } from '../pictureInput.js';
import type { TrainingOptions } from './options.js';
import { ownFiles } from './ownFiles.js';

/** Labelled pictures in two parts. */
export interface Pictures {
  readonly classes: readonly string[];
  readonly training: Examples<LabelledImage>;
  readonly heldOut: Examples<LabelledImage>;
  /** True where the held-out part is of a person's own data, so that weights may be chosen by it. */
  readonly selects: boolean;
  /** The part of the data that a resumed run must share. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly about: readonly string[];
}

/** The network's input from a picture. */
type ToImage = (picture: Picture, key: Key) => E.Either<InputError, HostArray>;

const toImage = (shape: readonly number[], isAugmented: boolean): ToImage => {
  const [height, width] = shape;
  return isAugmented
    ? (picture, key) => augmentedInput(picture, { height, width }, key)
    : (picture) => pictureInput(picture, shape);
};

const examplesOf = (files: readonly LabelledFile[], image: ToImage): Examples<LabelledImage> => ({
  length: files.length,
  at: async (i, key) => {
    const { path, label } = files[i];
    const picture = await runOrFail(showInputError, readPicture(path));
    const input = orFail((error: InputError) => `${path}: ${showInputError(error)}`)(image(picture, key));
    return { image: input, label: int32([], [label]) };
  },
});

/** A person's pictures. */
const ownPictures = async (
  data: string,
  options: TrainingOptions,
  shape: readonly number[],
): Promise<Pictures> => {
  const files = await ownFiles(data, options, 'pictures', readPicture);
  const { classes, training, heldOut, about } = files;
  return {
    classes,
    training: examplesOf(training, toImage(shape, options.augment)),
    heldOut: examplesOf(heldOut, toImage(shape, false)),
    selects: true,
    data: { ...files.data, isAugmented: options.augment },
    about,
  };
};

const digitNames = Array.from({ length: 10 }, (_, digit) => `${digit}`);

/** Classes of the package's digits: all ten, or even and odd. */
const digitTasks = {
  digits: { classes: digitNames, classOf: (digit: number) => digit },
  parity: { classes: ['even', 'odd'], classOf: (digit: number) => digit % 2 },
} as const;

/** The package's digits. */
const packagePictures = async (task: keyof typeof digitTasks): Promise<Pictures> => {
  const { classes, classOf } = digitTasks[task];
  const [{ images, labels }, held] = [await readArrays(trainingDigits), await readArrays(heldOutDigits)];
  return {
    classes,
    training: digitExamples({ images, labels }, classOf),
    heldOut: digitExamples({ images: held.images, labels: held.labels }, classOf),
    selects: false,
    data: { classes },
    about: [],
  };
};

/**
 * The pictures that a command trains a classifier on.
 * @param task  the classes of the package's digits, where no data is given
 */
export const picturesOf = async (
  preset: string,
  shape: readonly number[],
  task: keyof typeof digitTasks,
  options: TrainingOptions,
): Promise<Pictures> => {
  if (options.data !== undefined) return ownPictures(options.data, options, shape);
  if (preset === 'digits') return packagePictures(task);
  throw new UsageError(
    `${preset} needs --data: a folder with a folder of pictures for each class, or a CSV of file and label`,
  );
};
