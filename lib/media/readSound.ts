/**
 * Sound in files: WAV by a package that comes along, MP3, FLAC, Ogg Vorbis and Opus by optional peers, and that of films
 * by `ffmpeg`. The format is told from the file's bytes, not from its name.
 */
import { stat } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type InputError, inputError } from '../data/inputError.js';
import { readBytes, withFile, writeBytes } from '../files/bytes.js';
import { isCompressed, parseCompressed } from './compressedSound.js';
import { formatOfFile, isFilm, soundOfFilm, withoutSound } from './ffmpeg.js';
import { formatOf, showFormat } from './format.js';
import { resample } from './resample.js';
import type { Sound } from './sound.js';

export interface SoundOptions {
  /** Samples of a channel in a second, to which the sound is resampled; the file's own if not given. */
  readonly sampleRate?: number;
}

const decode = (where: string, bytes: Uint8Array): TaskEither<InputError, Sound> => {
  const format = formatOf(bytes);
  if (format === 'WAV') return async () => (await import('./wav.js')).parseWav(where, bytes);
  return isCompressed(format)
    ? parseCompressed(where, format, bytes)
    : TE.fromEither(
        inputError(where, showFormat(bytes), 'sound in WAV, MP3, FLAC, Ogg Vorbis or Opus, or a film'),
      );
};

const atRate = ({ sampleRate }: SoundOptions) =>
  TE.map((sound: Sound) => (sampleRate === undefined ? sound : resample(sound, sampleRate)));

/**
 * Sound from the bytes of a file.
 * @param where  the file's name in errors
 */
export const parseSound = (
  where: string,
  bytes: Uint8Array,
  options: SoundOptions = {},
): TaskEither<InputError, Sound> => pipe(decode(where, bytes), atRate(options));

/**
 * The sound in a file, or of a film.
 * @example const sound = await readSound('voice.mp3', { sampleRate: 48000 })();
 */
export const readSound = (path: string, options: SoundOptions = {}): TaskEither<InputError, Sound> =>
  withFile(path, 'a file that can be read', async () => {
    if (isFilm(await formatOfFile(path))) return pipe(soundOfFilm(path), atRate(options))();
    return pipe(
      readBytes(path),
      TE.chain((bytes) => parseSound(path, bytes, options)),
    )();
  });

/** The sound of a film; undefined for films without sound, folders of pictures and GIFs. */
export const readFilmSound = (
  path: string,
  options: SoundOptions = {},
): TaskEither<InputError, Sound | undefined> =>
  withFile(path, 'a film', async () => {
    if ((await stat(path)).isDirectory() || !isFilm(await formatOfFile(path))) return E.right(undefined);
    const sound = await readSound(path, options)();
    return E.isLeft(sound) && sound.left.found === withoutSound ? E.right(undefined) : sound;
  });

/** Writes sound as WAV. */
export const writeSound = (path: string, sound: Sound): TaskEither<InputError, void> =>
  pipe(
    TE.fromTask(() => import('./wav.js')),
    TE.chain(({ formatWav }) => writeBytes(path, formatWav(sound))),
  );
