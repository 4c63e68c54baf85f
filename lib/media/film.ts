/** Films without their sound: folders of numbered pictures, animated GIFs, and the films that `ffmpeg` reads. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { onWhite, type Picture } from './picture.js';
import { type InputError, inputError } from '../data/inputError.js';
import { checkPlace, readBytes, withFile, writeBytes } from '../files/bytes.js';
import { makeFolder } from '../files/makeFolder.js';
import { formatOfFile, type FramesOptions, framesOfFilm, isFilm, numFramesOfFilm } from './ffmpeg.js';
import { showFormat } from './format.js';
import { type Durations, evenly, shownAtRate } from './frameRate.js';
import { readPicture, writePicture } from './readPicture.js';

const expected = 'a film, an animated GIF, or a folder of pictures';

/** Tells if a file's name is that of a frame. */
export const isFrameName = (name: string): boolean => /^[^.].*\.(png|jpe?g|webp|avif|tiff?|bmp)$/i.test(name);

/** Names in the order of the numbers in them: `frame_9` before `frame_10`. */
const byNumber = new Intl.Collator('en', { numeric: true }).compare;

/** The frames at a rate that begin at `start`, `count` at most, as indices of the film's own frames. */
const chosen = (
  durations: Durations,
  count: number,
  { start = 0, framesPerSecond }: FramesOptions,
): readonly number[] => {
  const shown =
    framesPerSecond === undefined ? durations.map((_, i) => i) : shownAtRate(durations, framesPerSecond);
  return shown.slice(start, start + count);
};

/** The pictures of a folder by name, and the frames that are asked for as indices of them. */
const folderFrames = async (path: string, count: number, options: FramesOptions) => {
  const names = (await readdir(path)).filter(isFrameName).sort(byNumber);
  if (names.length === 0) return inputError(path, 'a folder without pictures', expected);
  const { framesPerSecond, folderRate = framesPerSecond ?? 1 } = options;
  return E.right({ names, shown: chosen(evenly(names.length, folderRate), count, options) });
};

/** Reads each picture once, however often it is shown. */
const framesOfFolder =
  (path: string, count: number, options: FramesOptions): TaskEither<InputError, readonly Picture[]> =>
  async () => {
    const found = await folderFrames(path, count, options);
    if (E.isLeft(found)) return found;
    const { names, shown } = found.right;
    const pictures = new Map<number, Picture>();
    for (const index of new Set(shown)) {
      const frame = await readPicture(join(path, names[index]))();
      if (E.isLeft(frame)) return frame;
      pictures.set(index, frame.right);
    }
    return E.right(shown.map((index) => pictures.get(index) as Picture));
  };

/** Reads every picture of a folder, one at a time, and counts the frames. */
const numFramesOfFolder =
  (path: string, options: FramesOptions): TaskEither<InputError, number> =>
  async () => {
    const found = await folderFrames(path, Infinity, options);
    if (E.isLeft(found)) return found;
    const { names, shown } = found.right;
    for (const name of names) {
      const frame = await readPicture(join(path, name))();
      if (E.isLeft(frame)) return frame;
    }
    return E.right(shown.length);
  };

const framesOfGif = (
  path: string,
  count: number,
  options: FramesOptions,
): TaskEither<InputError, readonly Picture[]> =>
  pipe(
    readBytes(path),
    TE.bindTo('bytes'),
    TE.bind('gif', () => TE.fromTask(() => import('./gif.js'))),
    TE.chainEitherK(({ gif, bytes }) => gif.openGif(path, bytes)),
    TE.chainEitherK(({ durations, frames }) => {
      const shown = chosen(durations, count, options);
      return pipe(
        frames(1 + (shown.at(-1) ?? -1)),
        E.map((drawn) => drawn.map(onWhite)),
        E.map((pictures) => shown.map((index) => pictures[index])),
      );
    }),
  );

/** Reads a path by its kind: a folder, a GIF, or a film. */
const byKind = <A>(
  path: string,
  readers: Readonly<Record<'folder' | 'gif' | 'film', () => TaskEither<InputError, A>>>,
): TaskEither<InputError, A> =>
  withFile(path, expected, async () => {
    if ((await stat(path)).isDirectory()) return readers.folder()();
    const format = await formatOfFile(path);
    if (format === 'GIF') return readers.gif()();
    if (isFilm(format)) return readers.film()();
    const bytes = await readBytes(path)();
    return E.isLeft(bytes) ? bytes : inputError(path, showFormat(bytes.right), expected);
  });

/**
 * The frames of a film in their order, upright and opaque: `count` of them from the first or a later one on, fewer if the
 * film is shorter.
 * @param path  a folder of pictures, in the order of the numbers in their names; an animated GIF; an MP4, WebM, Matroska or
 * AVI, which `ffmpeg` reads
 */
export const readFrames = (
  path: string,
  count = Infinity,
  options: FramesOptions = {},
): TaskEither<InputError, readonly Picture[]> =>
  byKind(path, {
    folder: () => framesOfFolder(path, count, options),
    gif: () => framesOfGif(path, count, options),
    film: () => framesOfFilm(path, count, options),
  });

/**
 * The number of frames of a film, each of which is read for it.
 * @param path  as for `readFrames`
 */
export const countFrames = (
  path: string,
  options: Pick<FramesOptions, 'framesPerSecond' | 'folderRate'> = {},
): TaskEither<InputError, number> =>
  byKind(path, {
    folder: () => numFramesOfFolder(path, options),
    gif: () =>
      pipe(
        framesOfGif(path, Infinity, options),
        TE.map(({ length }) => length),
      ),
    film: () => numFramesOfFilm(path, options),
  });

const folderPlace = 'a place for a folder';

const isGif = (path: string): boolean => extname(path).toLowerCase() === '.gif';

const checkFolder =
  (path: string): TaskEither<InputError, void> =>
  async () => {
    const names = await readdir(path).catch((error: Error) => {
      if ('code' in error && error.code === 'ENOENT') return [];
      throw error;
    });
    return names.length > 0
      ? inputError(path, 'a folder with files in it', 'a new or empty folder')
      : E.right(undefined);
  };

/** Checks that frames can be written to a path: to a GIF in an existing folder, or to a new or empty folder. */
export const checkFramesPlace = (path: string): TaskEither<InputError, void> =>
  withFile(path, folderPlace, () => (isGif(path) ? checkPlace : checkFolder)(path)());

/** Writes frames `frame_0001.png` and so on to a folder that is new or empty. */
const writeFolder =
  (path: string, frames: readonly Picture[]): TaskEither<InputError, void> =>
  async () => {
    const checked = await checkFramesPlace(path)();
    if (E.isLeft(checked)) return checked;
    const made = await withFile(path, folderPlace, async () => E.right(await makeFolder(path)))();
    if (E.isLeft(made)) return made;
    for (const [i, frame] of frames.entries()) {
      const written = await writePicture(join(path, `frame_${String(i + 1).padStart(4, '0')}.png`), frame)();
      if (E.isLeft(written)) return written;
    }
    return E.right(undefined);
  };

/**
 * Writes frames to a GIF if the path ends in `.gif`, and to a new or empty folder of PNG pictures otherwise.
 * @param framesPerSecond  of the GIF; rounded to hundredths of a second for each frame
 */
export const writeFrames = (
  path: string,
  frames: readonly Picture[],
  framesPerSecond = 25,
): TaskEither<InputError, void> =>
  isGif(path)
    ? pipe(
        TE.fromTask(() => import('./gif.js')),
        TE.chain(({ formatGif }) => writeBytes(path, formatGif(frames, framesPerSecond))),
      )
    : writeFolder(path, frames);
