/**
 * Pictures and sounds in every format that is read, beside the values that PIL, soundfile and librosa read from the same
 * files; `test/data/mediaFormats.py` wrote both.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { either as E } from 'fp-ts';
import type { HostArray } from '../../../lib/data/array.js';
import { parseNpz } from '../../../lib/checkpoint/index.js';
import { readPicture, readSound } from '../../../lib/media/index.js';
import { root } from '../../project.js';

const folder = join(root, 'test', 'data', 'mediaFormats');
const parsed = parseNpz(readFileSync(join(folder, 'expected.npz')));
if (E.isLeft(parsed)) throw new Error('expected.npz cannot be read');
const expected = parsed.right;

const right = <A>(found: E.Either<unknown, A>): A => {
  if (E.isLeft(found)) throw new Error(JSON.stringify(found.left));
  return found.right;
};

const withoutOpacity = (data: ArrayLike<number>): number[] => Array.from(data).filter((_, i) => i % 4 < 3);

/** The mean and the largest difference. */
const apart = (found: ArrayLike<number>, wanted: ArrayLike<number>) => {
  let [sum, most] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(found[i] - wanted[i]);
    sum += difference;
    most = Math.max(most, difference);
  }
  return { mean: sum / wanted.length, most };
};

/** Formats that lose something when they are written, or whose colours are converted as they are read. */
const isLossy = (name: string): boolean => /\.jpg$|\.avif$|^lossy|\.mp3$|\.ogg$|\.opus$/.test(name);

const isSound = (name: string): boolean => /\.(wav|flac|mp3|ogg|opus)$/.test(name);
const named = [...expected].map(([name, array]) => [name.replace(/\.npy$/, ''), array] as const);
const pictures = named.filter(([name]) => !isSound(name.split('@')[0]));

for (const [name, { shape, data }] of pictures)
  t.test(`${name} has PIL's pixels, upright and over white`, async (t) => {
    const { width, height, data: found } = right(await readPicture(join(folder, name))());
    t.same([height, width, 3], shape);
    const { mean, most } = apart(withoutOpacity(found), data as Uint8Array);
    if (process.env.SHOW) console.error(name, mean, most);
    if (isLossy(name)) t.ok(mean <= 2, `${mean} of 255 on average`);
    else t.equal(most, 0);
    t.ok(
      found.every((value, i) => i % 4 < 3 || value === 255),
      'opaque',
    );
  });

const checkSound = (
  channels: readonly Float32Array[],
  { shape, data }: HostArray,
  tolerance: number,
): string => {
  const [numChannels, length] = shape;
  if (channels.length !== numChannels) return `${channels.length} channels, expected ${numChannels}`;
  if (channels[0].length !== length) return `${channels[0].length} samples, expected ${length}`;
  const { most } = apart(
    Float32Array.from(channels.flatMap((channel) => Array.from(channel))),
    data as Float32Array,
  );
  if (process.env.SHOW) console.error(most);
  return most <= tolerance ? '' : `${most} apart`;
};

for (const [name, array] of named.filter(([name]) => isSound(name)))
  t.test(`${name} has soundfile's samples`, async (t) => {
    if (process.env.SHOW) console.error(name);
    const { sampleRate, channels } = right(await readSound(join(folder, name))());
    t.match(name, `${sampleRate}`);
    t.equal(checkSound(channels, array, isLossy(name) ? 2 / 255 : 0), '');
  });

for (const [name, array] of named.filter(([name]) => name.includes('@')))
  t.test(`${name} Hz is librosa's within 1e-3`, async (t) => {
    if (process.env.SHOW) console.error(name);
    const [file, rate] = name.split('@');
    const { sampleRate, channels } = right(
      await readSound(join(folder, file), { sampleRate: Number(rate) })(),
    );
    t.equal(sampleRate, Number(rate));
    t.equal(checkSound(channels, array, 1e-3), '');
  });
