/** Pictures for training image classifiers: those of the package, or a person's own. */
import { statSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { float32, type HostArray, int32 } from '../../lib/data/array.js';
import { type InputError, showInputError } from '../../lib/data/inputError.js';
import type { Picture } from '../../lib/media/picture.js';
import { readPicture } from '../../lib/media/readPicture.js';
import { foldIn, type Key, permutation } from '../../lib/random/index.js';
import type { Examples } from '../../lib/train/data.js';
import {
  classFolders,
  classTable,
  type LabelledFile,
  readable,
} from '../../lib/train/readers/labelledFiles.js';
import { digitExamples, trainingDigits } from '../../presets/digits/recipe/training.js';
import { greyOf } from '../../presets/digits/run.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { augmentedInput } from '../../presets/imagenet/recipe/augment.js';
import { imagenetInput } from '../../presets/imagenet/run.js';
import type { LabelledImage } from '../../presets/imagenet/recipe/training.js';
import { readArrays } from '../demo/readArrays.js';
import { Failure, orFail, runOrFail, UsageError } from '../failure.js';
import { withProgress } from '../progress.js';
import { keyOfPart, type TrainingOptions } from './options.js';

/** Labelled pictures in two parts. */
export interface Pictures {
  readonly classes: readonly string[];
  readonly training: Examples<LabelledImage>;
  readonly heldOut: Examples<LabelledImage>;
  /** True where the held-out part is of a person's own data, so that weights may be chosen by it. */
  readonly selects: boolean;
  readonly about: readonly string[];
}

const split = <A>(all: readonly A[], percent: number, key: Key): readonly [A[], A[]] => {
  const held = Math.max(1, Math.round((all.length * percent) / 100));
  const order = [...permutation(key, all.length).data].map((i) => all[i]);
  return [order.slice(held), order.slice(0, held)];
};

/** The share of data that is held out, in percent. */
export const heldOutShare = ({ heldOut }: Pick<TrainingOptions, 'heldOut'>): number => {
  const percent = Number(heldOut);
  if (!(percent > 0 && percent < 100))
    throw new UsageError(`--held-out is '${heldOut}', expected a number of percent between 0 and 100`);
  return percent;
};

const damagedAnswer = ({ onDamaged }: Pick<TrainingOptions, 'onDamaged'>): 'skip' | 'stop' => {
  if (onDamaged === 'skip' || onDamaged === 'stop') return onDamaged;
  throw new UsageError(`--on-damaged is '${onDamaged}', expected skip or stop`);
};

/** The network's input from a picture. */
type ToImage = (picture: Picture, key: Key) => E.Either<InputError, HostArray>;

/** Grey networks take luminance; others ImageNet's statistics and its middle part, or an augmented one. */
const toImage = (shape: readonly number[], isAugmented: boolean): ToImage => {
  const [height, width, channels] = shape;
  if (channels === 1) return (picture) => E.right(float32(shape, greyOf(picture, width, height).data));
  if (isAugmented) return (picture, key) => augmentedInput(picture, { height, width }, key);
  return (picture) =>
    pipe(
      imagenetInput(picture, { width, height }),
      E.map((values) => float32(shape, values)),
    );
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

const showAll = (problems: readonly InputError[]): string => problems.map(showInputError).join('\n');

/** A person's pictures. */
const ownPictures = async (
  data: string,
  options: TrainingOptions,
  shape: readonly number[],
): Promise<Pictures> => {
  const [percent, onDamaged] = [heldOutShare(options), damagedAnswer(options)];
  const isFolder = statSync(data, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const listed = await runOrFail(showAll, isFolder ? classFolders(data) : classTable(data));
  const found = await withProgress(`reading ${data}`, (onProgress) =>
    runOrFail(showAll, readable(listed, readPicture, { onDamaged, onProgress })),
  );
  const [training, heldOut] = split(found.files, percent, foldIn(keyOfPart(options), 5));
  if (training.length === 0)
    throw new Failure(`${data}: found ${found.files.length} pictures, expected at least 2`);
  return {
    classes: found.classes,
    training: examplesOf(training, toImage(shape, options.augment)),
    heldOut: examplesOf(heldOut, toImage(shape, false)),
    selects: true,
    about: [
      ...found.damaged.map((problem) => `skipped: ${showInputError(problem)}`),
      `${found.classes.length} classes: ${found.classes.slice(0, 10).join(', ')}${found.classes.length > 10 ? ', …' : ''}`,
    ],
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
