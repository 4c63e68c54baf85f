/**
 * Pictures and sounds of a folder that `test/data/mediaFormats.py` wrote, read here and held to what PIL, soundfile and
 * librosa read from the same files.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../../../lib/data/array.js';
import { showInputError } from '../../../lib/data/inputError.js';
import { parseNpz } from '../../../lib/checkpoint/index.js';
import { readPicture, readSound } from '../../../lib/media/index.js';

/** A file, or a sound at another rate: its values here beside Python's. */
export interface Compared {
  readonly name: string;
  readonly kind: 'picture' | 'sound' | 'resampled';
  /** The difference: the mean for pictures that lose something, in [0, 255]; the largest otherwise. */
  readonly difference: number;
  readonly allowed: number;
}

/** Formats that lose something when they are written, or whose colours are converted as they are read. */
const isLossy = (name: string): boolean => /\.jpg$|\.avif$|^lossy|\.mp3$|\.ogg$|\.opus$/.test(name);

const isSound = (name: string): boolean => /\.(wav|flac|mp3|ogg|opus)$/.test(name);

const expectSame = (what: string, found: unknown, expected: unknown): void => {
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new Error(`${what}: ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
};

const apart = (found: ArrayLike<number>, wanted: ArrayLike<number>) => {
  let [sum, most] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(found[i] - wanted[i]);
    sum += difference;
    most = Math.max(most, difference);
  }
  return { mean: sum / wanted.length, most };
};

const read = async <A>(
  task: () => Promise<E.Either<Parameters<typeof showInputError>[0], A>>,
): Promise<A> => {
  const found = await task();
  if (E.isLeft(found)) throw new Error(showInputError(found.left));
  return found.right;
};

const comparePicture = async (
  folder: string,
  name: string,
  { shape, data }: HostArray,
): Promise<Compared> => {
  const { width, height, data: found } = await read(readPicture(join(folder, name)));
  expectSame(`${name}: shape`, [height, width, 3], shape);
  if (!found.every((value, i) => i % 4 < 3 || value === 255)) throw new Error(`${name} is not opaque`);
  const { mean, most } = apart(
    found.filter((_, i) => i % 4 < 3),
    data as Uint8Array,
  );
  return isLossy(name)
    ? { name, kind: 'picture', difference: mean, allowed: 2 }
    : { name, kind: 'picture', difference: most, allowed: 0 };
};

const compareSound = async (folder: string, name: string, { shape, data }: HostArray): Promise<Compared> => {
  const [file, rate] = name.split('@');
  const wanted = rate === undefined ? {} : { sampleRate: Number(rate) };
  const { sampleRate, channels } = await read(readSound(join(folder, file), wanted));
  expectSame(`${name}: [channels, samples]`, [channels.length, channels[0].length], shape);
  if (!name.includes(`${sampleRate}`)) throw new Error(`${name}: the rate is ${sampleRate}`);
  const all = Float32Array.from(channels.flatMap((channel) => Array.from(channel)));
  const { most } = apart(all, data as Float32Array);
  if (rate !== undefined) return { name, kind: 'resampled', difference: most, allowed: 1e-3 };
  return { name, kind: 'sound', difference: most, allowed: isLossy(name) ? 2 / 255 : 0 };
};

/** The comparisons of a folder, by name; each reads its file when it is called. */
export const likePython = (folder: string): ReadonlyMap<string, () => Promise<Compared>> => {
  const parsed = parseNpz(readFileSync(join(folder, 'expected.npz')));
  if (E.isLeft(parsed)) throw new Error('expected.npz cannot be read');
  return new Map(
    [...parsed.right].map(([key, array]) => {
      const name = key.replace(/\.npy$/, '');
      const compare = isSound(name.split('@')[0]) ? compareSound : comparePicture;
      return [name, () => compare(folder, name, array)];
    }),
  );
};
