/** A person's own labelled files, checked once, in two parts: to train on, and held out. */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type InputError, showInputError, showInputErrors } from '../../lib/data/inputError.js';
import { few } from '../../lib/data/few.js';
import { counted } from '../../lib/data/quantities.js';
import { foldIn, type Key, permutation } from '../../lib/random/index.js';
import {
  classFolders,
  classTable,
  type LabelledFile,
  readable,
} from '../../lib/train/readers/labelledFiles.js';
import { Failure, runOrFail, UsageError } from '../failure.js';
import { withProgress } from '../progress.js';
import { digestOf } from './digest.js';
import { keyOfPart, type TrainingOptions } from './options.js';

/** Labelled files in two parts. */
export interface OwnFiles {
  readonly classes: readonly string[];
  readonly training: readonly LabelledFile[];
  readonly heldOut: readonly LabelledFile[];
  /** The files as a resumed run must find them again: a digest of names, classes and sizes; the held-out share. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Lines about the files: those that were skipped, the classes. */
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
    throw new UsageError(`--held-out is '${heldOut}', expected a percentage above 0 and below 100`);
  return percent;
};

const damagedAnswer = ({ onDamaged }: Pick<TrainingOptions, 'onDamaged'>): 'skip' | 'stop' => {
  if (onDamaged === 'skip' || onDamaged === 'stop') return onDamaged;
  throw new UsageError(`--on-damaged is '${onDamaged}', expected skip or stop`);
};

/** The size of a file in bytes, or the names and sizes in a folder of frames. */
const extentOf = (path: string): string => {
  const found = statSync(path);
  if (!found.isDirectory()) return `${found.size}`;
  const names = readdirSync(path).sort();
  return names.map((name) => `${name} ${statSync(join(path, name)).size}`).join('\n');
};

/** A digest of files: their names from a folder on, classes and sizes. */
const digestOfFiles = (folder: string, files: readonly LabelledFile[]): string =>
  digestOf(
    files.map(
      ({ path, label }) => `${relative(folder, path).split(sep).join('/')}\n${label}\n${extentOf(path)}\n`,
    ),
  );

/** A line about the classes of which every file is held out. */
const unseenLines = (classes: readonly string[]): readonly string[] => {
  if (classes.length === 0) return [];
  const names = few(classes.map((name) => `'${name}'`)).join(', ');
  const noun = classes.length === 1 ? 'class' : 'classes';
  return [
    `no file of the ${noun} ${names} is trained on: all are held out; give more files, or another --seed`,
  ];
};

/**
 * The files of a folder with a folder for each class, or of a table.
 * @param called  the files in messages: 'pictures'
 * @param read    the reader that every file must satisfy
 */
export const ownFiles = async (
  data: string,
  options: TrainingOptions,
  called: string,
  read: (path: string) => TaskEither<InputError, unknown>,
): Promise<OwnFiles> => {
  const [percent, onDamaged] = [heldOutShare(options), damagedAnswer(options)];
  const isFolder = statSync(data, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const listed = await runOrFail(showInputErrors, isFolder ? classFolders(data) : classTable(data));
  const found = await withProgress(`reading ${data}`, (onProgress) =>
    runOrFail(showInputErrors, readable(listed, read, { onDamaged, onProgress })),
  );
  const [training, heldOut] = split(found.files, percent, foldIn(keyOfPart(options), 5));
  if (training.length === 0)
    throw new Failure(
      `${data}: found ${counted(found.files.length, called.replace(/s$/, ''))}, expected at least 2`,
    );
  const { classes } = found;
  const unseen = classes.filter((_, label) => training.every((file) => file.label !== label));
  return {
    classes,
    training,
    heldOut,
    data: { files: digestOfFiles(isFolder ? data : dirname(data), found.files), heldOut: percent, classes },
    about: [
      ...found.damaged.map((problem) => `skipped: ${showInputError(problem)}`),
      ...unseenLines(unseen),
      `${counted(classes.length, 'class', 'classes')}: ${classes.slice(0, 10).join(', ')}${classes.length > 10 ? ', …' : ''}`,
    ],
  };
};
