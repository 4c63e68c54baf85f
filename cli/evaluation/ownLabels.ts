/** A person's own labelled files, as `renga train` takes them: a folder with a folder for each class, or a table. */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { showInputErrors } from '../../lib/data/inputError.js';
import { counted } from '../../lib/data/quantities.js';
import { isHidden } from '../../lib/files/isHidden.js';
import { classTable } from '../../lib/train/readers/labelledFiles.js';
import { Failure, runOrFail } from '../failure.js';
import type { Named } from './evaluation.js';

/** A file and the number of its class among the model's. */
export interface OwnFile extends Named {
  readonly path: string;
  readonly label: number;
}

export const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Tells whether a path is a table of files and labels. */
export const isTable = (path: string): boolean =>
  /\.[ct]sv$/i.test(path) && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);

/** The names in a folder, sorted, without hidden files and those of the system. */
export const entries = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => !isHidden(name))
    .sort();

/** A file and the name of its class. */
interface Labelled {
  readonly path: string;
  readonly name: string;
}

const inFolders = (folder: string): readonly Labelled[] =>
  entries(folder)
    .filter((name) => isFolder(join(folder, name)))
    .flatMap((name) => entries(join(folder, name)).map((file) => ({ path: join(folder, name, file), name })));

const inTable = async (table: string): Promise<readonly Labelled[]> => {
  const { classes, files } = await runOrFail(showInputErrors, classTable(table));
  return files.map(({ path, label }) => ({ path, name: classes[label] }));
};

/**
 * The labelled files of a folder or table, by the classes of a model.
 * @param classes  names of the model's classes in the order of its logits; those of the data, sorted, if undefined
 */
export const ownLabels = async (
  data: string,
  numClasses: number,
  classes: readonly string[] | undefined,
): Promise<readonly OwnFile[]> => {
  const files = isFolder(data) ? inFolders(data) : await inTable(data);
  const found = isFolder(data)
    ? entries(data).filter((name) => isFolder(join(data, name)))
    : [...new Set(files.map(({ name }) => name))].sort();
  if (classes === undefined && found.length !== numClasses)
    throw new Failure(
      `${data}: found ${counted(found.length, 'class', 'classes')}, expected the ${numClasses} of the model: --classes names them in their order`,
    );
  const order = classes ?? found;
  const unknown = found.filter((name) => !order.includes(name));
  if (unknown.length > 0)
    throw new Failure(
      `${data}: found the ${unknown.length === 1 ? 'class' : 'classes'} ${unknown.slice(0, 20).join(', ')}, expected the model's: ${order.slice(0, 20).join(', ')}${order.length > 20 ? ', …' : ''}`,
    );
  const folder = isFolder(data) ? data : dirname(data);
  return files.map(({ path, name }) => ({
    name: relative(folder, path).split(sep).join('/'),
    path,
    label: order.indexOf(name),
  }));
};
