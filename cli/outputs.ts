/**
 * Places that commands write to: a file whose ending is of the format that is written, or a folder. Anything else is
 * refused before the work. Several inputs give several files, named for them, in a folder.
 */
import { existsSync, readlinkSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { isStandardOutput } from '../lib/files/write.js';
import { UsageError } from './failure.js';

/** The ending of a name, with its dot, in lower case: `.png`; empty for none, and for versions such as `.2` and `.v2`. */
const endingOf = (path: string): string => {
  const ending = extname(path).toLowerCase();
  return /^\.(v?\d+)?$/.test(ending) ? '' : ending;
};

const isFolder = (path: string): boolean =>
  /[\\/]$/.test(path) || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const refuse = (flag: string, path: string, expected: string): never => {
  throw new UsageError(`${flag} is '${path}', expected ${expected}`);
};

/** Refuses a file whose ending is none of these; the standard output has no ending. */
export const expectEnding = (flag: string, path: string, ...endings: readonly string[]): void => {
  if (path === '-' || isStandardOutput(path) || endings.includes(extname(path).toLowerCase())) return;
  refuse(flag, path, `a file that ends in ${endings.join(' or ')}`);
};

/** Refuses what is neither a folder nor a file with one of these endings. A name without an ending is that of a folder. */
export const expectFolder = (flag: string, path: string, ...endings: readonly string[]): void => {
  const ending = endingOf(path);
  if (ending === '' || endings.includes(ending) || isFolder(path)) return;
  const files = endings.length > 0 ? `, or a file that ends in ${endings.join(' or ')}` : '';
  refuse(flag, path, `a folder${files}; a folder whose name has an ending is written with a / after it`);
};

const isLink = (path: string): boolean => E.isRight(E.tryCatch(() => readlinkSync(path), E.toError));

/** Refuses a place for a run that is a file, or lies in one. */
export const expectRunFolder = (path: string): void => {
  expectFolder('--out', path);
  for (let place = resolve(path); place !== dirname(place); place = dirname(place)) {
    const found = existsSync(place) ? statSync(place) : undefined;
    if (!found && isLink(place)) refuse('--out', path, `a folder: ${place} is a link to nothing`);
    if (found && !found.isDirectory()) refuse('--out', path, `a folder: ${place} is a file`);
    if (found) return;
  }
};

/** Files in a folder for inputs of several paths: `a/clip.mp4` to `clip.gif`, a second `clip` to `clip_2.gif`. */
export const outputsIn = (folder: string, paths: readonly string[], ending: string): readonly string[] => {
  const taken = new Map<string, number>();
  return paths.map((path) => {
    const stem = basename(path).replace(/(?<=.)\.[^.]*$/, '');
    const count = (taken.get(stem) ?? 0) + 1;
    taken.set(stem, count);
    return join(folder, count === 1 ? `${stem}${ending}` : `${stem}_${count}${ending}`);
  });
};
