/** A folder with the folders above it. Node's own `recursive` never ends where a folder takes no new ones, as /proc does. */
import { refuseFile } from './error.js';
import { fileSystem } from './fileSystem.js';

/**
 * Makes a folder, and those above it that are missing.
 * @throws the system's error where a file is in the way or there is no permission; a refusal where a folder takes no new one
 */
export const makeFolder = async (folder: string): Promise<void> => {
  const { fs, path } = await fileSystem();
  const isFolder = async (place: string): Promise<boolean> =>
    (await fs.promises.stat(place).catch(() => undefined))?.isDirectory() ?? false;
  const make = async (place: string): Promise<void> => {
    try {
      await fs.promises.mkdir(place);
    } catch (error) {
      if (await isFolder(place)) return;
      const above = path.dirname(place);
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      if (await isFolder(above)) refuseFile(`found ${above}, which takes no new folder`, place);
      await make(above);
      await make(place);
    }
  };
  await make(path.resolve(folder));
};
