/**
 * The files of a folder as sources by their relative paths. A file is opened for each read and closed again, because a
 * folder may hold more files than a process may have open. Symbolic links are left out: they lead elsewhere.
 */
import { blame, refuseFile } from './error.js';
import { type FileSystem, fileSystem } from './fileSystem.js';
import type { Source } from './source.js';

/** Files of a folder by relative path, with slashes between its parts. */
export type Files = ReadonlyMap<string, Source>;

const mostFiles = 100_000;

/** The files of a folder and of the folders within it. */
export const openFolder = async (folder: string): Promise<Files> => {
  const { fs, path } = await fileSystem();
  const found = await fs.promises.readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile());
  if (files.length > mostFiles)
    return refuseFile(`${files.length} files, expected at most ${mostFiles}`, folder);
  const sources = new Map<string, Source>();
  for (const entry of files) {
    const whole = path.join(entry.parentPath ?? entry.path, entry.name);
    const name = path.relative(folder, whole).split(path.sep).join('/');
    sources.set(name, sourceOfFile(fs, whole, fs.statSync(whole)));
  }
  return sources;
};

type Stats = import('node:fs').Stats;

const sourceOfFile = (fs: FileSystem['fs'], path: string, stats: Stats): Source => ({
  length: stats.size,
  read: (offset, length) => {
    try {
      return readPart(fs, path, stats, offset, length);
    } catch (error) {
      return blame(path, error);
    }
  },
});

const readPart = (
  fs: FileSystem['fs'],
  path: string,
  stats: Stats,
  offset: number,
  length: number,
): Uint8Array => {
  const descriptor = fs.openSync(path, 'r');
  try {
    const now = fs.fstatSync(descriptor);
    if (now.mtimeMs !== stats.mtimeMs || now.size !== stats.size)
      refuseFile('was changed after it was opened');
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      const count = fs.readSync(descriptor, bytes, filled, length - filled, offset + filled);
      if (count === 0) refuseFile('was changed after it was opened');
      filled += count;
    }
    return bytes;
  } finally {
    fs.closeSync(descriptor);
  }
};
