/**
 * Partial files: the names that files have while they are written, `model.npz.HOST-PID-ID.partial`. A partial file whose
 * process has ended is a leftover, which the next write beside it removes.
 */
import { fileSystem } from './fileSystem.js';
import { isRunning } from './isRunning.js';

const ending = /\.([0-9a-f]{8})-(\d{1,10})-([0-9a-f]{8})\.partial$/;

/** Eight hexadecimal digits. */
export const randomMark = (): string =>
  Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');

/** A digest of this machine's name, so that a disk that several machines share keeps what others are writing. */
const hostMark = async (): Promise<string> => {
  const { os } = await fileSystem();
  let hash = 0x811c9dc5;
  for (const character of os.hostname()) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
};

/** A new name for a file while it is written. */
export const partialOf = async (path: string): Promise<string> =>
  `${path}.${await hostMark()}-${process.pid}-${randomMark()}.partial`;

/** A partial file that lies beside its place. */
interface Partial {
  readonly name: string;
  /** The name that the file will have. */
  readonly target: string;
  /** True if its process has ended. */
  readonly isLeftover: boolean;
}

/** The partial files of a folder. */
export const partialsIn = async (folder: string): Promise<readonly Partial[]> => {
  const { fs } = await fileSystem();
  const host = await hostMark();
  const names = await fs.promises.readdir(folder).catch((): string[] => []);
  const partials = names.map(async (name): Promise<readonly Partial[]> => {
    const [whole, its, pid] = ending.exec(name) ?? [];
    if (whole === undefined) return [];
    const isLeftover = its === host && !(await isRunning(Number(pid)));
    return [{ name, target: name.slice(0, -whole.length), isLeftover }];
  });
  return (await Promise.all(partials)).flat();
};

/** Removes the leftovers beside a file. */
export const removeLeftovers = async (path: string): Promise<void> => {
  const { fs, path: paths } = await fileSystem();
  const folder = paths.dirname(path);
  for (const { name, isLeftover } of await partialsIn(folder))
    if (isLeftover) await fs.promises.rm(paths.join(folder, name), { force: true, recursive: true });
};
