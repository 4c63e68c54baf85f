/** Sound in WAV files. */
import { either as E, taskEither as TE } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Sound } from './sound.js';
import { type InputError, inputError } from '../data/inputError.js';
import { readBytes, writeBytes } from '../files/bytes.js';
import { formatOf, showFormat } from './format.js';
import { formatWav, parseWav } from './wav.js';

/** Sound from the bytes of a file. */
export const parseSound = (where: string, bytes: Uint8Array): E.Either<InputError, Sound> =>
  formatOf(bytes) === 'WAV' ? parseWav(where, bytes) : inputError(where, showFormat(bytes), 'sound in WAV');

/** The sound in a file, at the rate it has there. */
export const readSound = (path: string): TaskEither<InputError, Sound> =>
  pipe(
    readBytes(path),
    TE.chainEitherK((bytes) => parseSound(path, bytes)),
  );

/** Writes sound as WAV. */
export const writeSound = (path: string, sound: Sound): TaskEither<InputError, void> =>
  writeBytes(path, formatWav(sound));
