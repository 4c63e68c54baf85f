/** The sound of a film, or of a folder of frames: the first file of sound in it. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { InputError } from '../lib/data/inputError.js';
import { readFilmSound, readSound } from '../lib/media/readSound.js';
import type { Sound } from '../lib/media/sound.js';

const soundFile = /^[^.].*\.(wav|mp3|flac|ogg|opus|m4a)$/i;

/** The sound that belongs to a film's frames; undefined for a silent film. */
export const filmSound = (path: string): TaskEither<InputError, Sound | undefined> => {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return readFilmSound(path);
  const name = readdirSync(path)
    .sort()
    .find((each) => soundFile.test(each));
  return name === undefined ? readFilmSound(path) : readSound(join(path, name));
};
