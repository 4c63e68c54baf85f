import t from 'tap';
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { readSound } from '../../../lib/media/readSound.js';
import { countFrames, readFrames, writeFrames } from '../../../lib/media/film.js';
import { formatGif, parseGif } from '../../../lib/media/gif.js';
import { formatPng } from '../../../lib/media/png.js';
import { type Picture, pictureOf } from '../../../lib/media/picture.js';
import { bytesOf, difference } from '../../presets/colabs.js';
import { fileOf, media, newFolder } from './stored.js';

t.test('the frames of a GIF are seen as Pillow sees them', (t) => {
  for (const { name, file, width, height, frames } of media.films) {
    const found = parseGif(name, bytesOf(file));
    if (E.isLeft(found)) {
      t.fail(`${name}: ${found.left.found}`);
      continue;
    }
    t.equal(found.right.length, frames.length, name);
    found.right.forEach((frame, i) => {
      t.strictSame([frame.width, frame.height], [width, height]);
      t.equal(difference(frame.data, bytesOf(frames[i])), 0, `${name}, frame ${i}`);
    });
  }
  t.end();
});

/** A GIF of 2 × 1 pixels by hand: each frame one pixel of a colour, with what becomes of it. */
const gif = (frames: readonly { left: number; colour: number; disposal: number }[]): Uint8Array =>
  Uint8Array.from([
    ...Buffer.from('GIF89a', 'latin1'),
    ...[2, 0, 1, 0, 0x81, 0, 0], // 2 × 1, four colours
    ...[0, 0, 0, 10, 10, 10, 20, 20, 20, 30, 30, 30],
    ...frames.flatMap(({ left, colour, disposal }) => [
      ...[0x21, 0xf9, 4, disposal << 2, 4, 0, 0, 0],
      ...[0x2c, left, 0, 0, 0, 1, 0, 1, 0, 0],
      ...[2, 2, 4 | (colour << 3) | ((5 & 3) << 6), 5 >> 2, 0], // clear, the colour, end; 3 bits each
    ]),
    0x3b,
  ]);

const shown = (bytes: Uint8Array): unknown => {
  const found = parseGif('x', bytes);
  return E.isLeft(found)
    ? found.left.found
    : found.right.map(({ data }) => [0, 1].map((x) => (data[4 * x + 3] === 0 ? '-' : data[4 * x])));
};

t.test('a frame stays, is cleared away or is taken back, as it says', (t) => {
  const film = (disposal: number) =>
    gif([
      { left: 0, colour: 1, disposal: 1 },
      { left: 0, colour: 2, disposal },
      { left: 1, colour: 3, disposal: 0 },
    ]);
  t.strictSame(shown(film(0)), [[10, '-'], [20, '-'], [20, 30]], 'stays'); // prettier-ignore
  t.strictSame(shown(film(1)), [[10, '-'], [20, '-'], [20, 30]], 'stays'); // prettier-ignore
  t.strictSame(shown(film(2)), [[10, '-'], [20, '-'], ['-', 30]], 'cleared'); // prettier-ignore
  t.strictSame(shown(film(3)), [[10, '-'], [20, '-'], [10, 30]], 'taken back'); // prettier-ignore
  t.end();
});

t.test('only as many frames are decoded as are asked for', (t) => {
  const found = parseGif('x', fileOf('GIF of parts'), 2);
  t.ok(E.isRight(found) && found.right.length === 2);
  t.end();
});

t.test(
  'a GIF without frames, with one that reaches outside, or in an unknown way of packing is refused',
  (t) => {
    t.equal(shown(gif([])), 'a damaged GIF file: it has no frame');
    t.equal(shown(gif([{ left: 2, colour: 1, disposal: 0 }])), 'a damaged GIF file: frame 0 reaches outside');
    const packed = gif([{ left: 0, colour: 1, disposal: 0 }]);
    packed[packed.length - 6] = 40;
    t.equal(shown(packed), 'a damaged GIF file: frame 0 is compressed in an unknown way');
    const wide = gif([{ left: 0, colour: 1, disposal: 0 }]).fill(0xff, 6, 10);
    const itself = gif([{ left: 0, colour: 1, disposal: 0 }]);
    itself.set([2, 0b110_100 | (0b10 << 6), 0b1101], itself.length - 5); // the reset, and code 6 three times
    t.equal(shown(itself), 'a damaged GIF file: a code of its pixels stands for nothing');
    t.equal(shown(wide), '65535 × 65535 pixels, 4295 million in all');
    t.end();
  },
);

t.test('a GIF that breaks off is refused, and damage is never an exception', (t) => {
  for (const { name, file } of media.films) {
    const bytes = bytesOf(file);
    t.match(parseGif(name, bytes.subarray(0, -1)), {
      left: { found: `a GIF file that breaks off after ${bytes.length - 1} bytes` },
    });
  }
  const damages = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(fc.constantFrom(...media.films), damages, ({ name, file }, changes) => {
      const bytes = bytesOf(file);
      for (const [at, value] of changes) bytes[at % (bytes.length - 1)] = value;
      const found = parseGif(name, bytes);
      return E.isRight(found) ? found.right.length > 0 : found.left.where === name;
    }),
    { numRuns: 100 },
  );
  t.end();
});

t.test('bytes in a part of a larger buffer are read, too', (t) => {
  const bytes = gif([{ left: 0, colour: 1, disposal: 0 }]);
  const within = Buffer.concat([Buffer.from('before'), bytes]).subarray('before'.length);
  t.strictSame(shown(within), [[10, '-']]);
  t.end();
});

const scene = (shift: number): Picture => pictureOf(20, 10, (x, y) => [12 * x, 25 * y, 40 * shift]);

t.test('frames written as a GIF are read again, in nearly their colours', (t) => {
  const frames = [0, 1, 2, 3].map(scene);
  const again = parseGif('x', formatGif(frames, 25));
  if (E.isLeft(again)) return t.fail(again.left.found);
  t.equal(again.right.length, 4);
  again.right.forEach((frame, i) => t.ok(difference(frame.data, frames[i].data) <= 12, `frame ${i}`));
  const plain = [7, 99].map((grey) => pictureOf(4, 4, () => [grey, grey, grey]));
  const exact = parseGif('x', formatGif(plain, 25));
  t.ok(E.isRight(exact) && exact.right.every((frame, i) => difference(frame.data, plain[i].data) <= 4));
  t.end();
});

t.test('a GIF of 25 frames a second shows each for 4 hundredths of a second, and repeats', (t) => {
  const bytes = Buffer.from(formatGif([scene(0), scene(1)], 25));
  t.ok(bytes.includes('NETSCAPE2.0'));
  const control = bytes.indexOf(Buffer.from([0x21, 0xf9, 4]));
  t.equal(bytes.readUInt16LE(control + 4), 4);
  t.end();
});

t.test('frames of a folder come in the order of their numbers', async (t) => {
  const folder = newFolder(t);
  for (const number of [10, 9, 1, 100]) {
    writeFileSync(join(folder, `frame_${number}.png`), formatPng(pictureOf(1, 1, () => [number, 0, 0])));
  }
  writeFileSync(join(folder, 'notes.txt'), 'not a frame');
  writeFileSync(join(folder, '.hidden.png'), 'nor this');
  const reds = (found: E.Either<unknown, readonly Picture[]>) =>
    E.isRight(found) ? found.right.map(({ data }) => data[0]) : found;
  t.strictSame(reds(await readFrames(folder)()), [1, 9, 10, 100]);
  t.strictSame(reds(await readFrames(folder, 2)()), [1, 9]);
  t.strictSame(reds(await readFrames(folder, 2, { start: 1 })()), [9, 10]);
  t.strictSame(await countFrames(folder)(), E.right(4));
  writeFileSync(join(folder, 'frame_5.jpg'), 'no picture');
  t.match(await readFrames(folder)(), { left: { where: join(folder, 'frame_5.jpg'), found: 'a text file' } });
});

t.test('frames go to a folder or a GIF, by the name, and come back', async (t) => {
  const folder = newFolder(t);
  const frames = [0, 1, 2].map(scene);
  t.strictSame(await writeFrames(join(folder, 'a/b'), frames)(), E.right(undefined));
  t.strictSame(readdirSync(join(folder, 'a/b')).sort(), [
    'frame_0001.png',
    'frame_0002.png',
    'frame_0003.png',
  ]);
  const again = await readFrames(join(folder, 'a/b'))();
  t.ok(E.isRight(again) && again.right.every((frame, i) => difference(frame.data, frames[i].data) === 0));
  await writeFrames(join(folder, 'film.GIF'), frames)();
  const film = await readFrames(join(folder, 'film.GIF'))();
  t.ok(E.isRight(film) && film.right.length === 3);
  const last = await readFrames(join(folder, 'film.GIF'), 2, { start: 2 })();
  t.strictSame(E.isRight(last) && E.isRight(film) && last.right, E.isRight(film) && film.right.slice(2));
  t.strictSame(await countFrames(join(folder, 'film.GIF'))(), E.right(3));
});

t.test('no film, an empty folder, another kind of file and a folder in use are refused', async (t) => {
  const folder = newFolder(t);
  mkdirSync(join(folder, 'empty'));
  t.match(await readFrames(join(folder, 'none'))(), { left: { found: 'no such file or directory' } });
  t.match(await readFrames(join(folder, 'empty'))(), {
    left: {
      found: 'a folder without pictures',
      expected: 'a film, an animated GIF, or a folder of pictures',
    },
  });
  writeFileSync(join(folder, 'film.mp4'), '\0\0\0\x18ftypmp42');
  t.match(await readFrames(join(folder, 'film.mp4'))(), { left: { found: /ffmpeg/ } });
  t.match(await writeFrames(folder, [scene(0)])(), {
    left: { where: folder, found: 'a folder with files in it', expected: 'a new or empty folder' },
  });
  t.match(await writeFrames(join(folder, 'film.mp4'), [scene(0)])(), {
    left: { found: 'a part of the path that is not a directory', expected: 'a place for a folder' },
  });
});

/** A film of red, two seconds at 10 frames a second, with or without a tone; undefined without ffmpeg. */
const makeFilm = (path: string, hasSound: boolean): string | undefined => {
  const tone = hasSound ? ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100', '-shortest'] : [];
  const red = ['-f', 'lavfi', '-i', 'color=red:size=64x48:rate=10:duration=2'];
  const { status } = spawnSync('ffmpeg', ['-v', 'error', ...red, ...tone, '-c:v', 'mjpeg', path]);
  return status === 0 ? path : undefined;
};

t.test('films are read by ffmpeg, with and without sound; without ffmpeg an error names it', async (t) => {
  const folder = newFolder(t);
  const film = makeFilm(join(folder, 'film.mkv'), true);
  if (film === undefined) {
    writeFileSync(join(folder, 'film.mp4'), '\0\0\0\x18ftypmp42');
    t.match(await readFrames(join(folder, 'film.mp4'))(), { left: { expected: /ffmpeg installed/ } });
    return;
  }
  const frames = await readFrames(film, 16)();
  if (E.isLeft(frames)) return t.fail(frames.left.found);
  t.same([frames.right.length, frames.right[0].width, frames.right[0].height], [16, 64, 48]);
  const [red, green, blue, opacity] = frames.right[15].data;
  t.ok(red > 245 && green < 10 && blue < 10 && opacity === 255);
  const atRate = { framesPerSecond: 25 };
  t.strictSame([await countFrames(film)(), await countFrames(film, atRate)()], [20, 50].map(E.right));
  const later = await readFrames(film, 16, { ...atRate, start: 40 })();
  t.equal(E.isRight(later) && later.right.length, 10);
  const sound = await readSound(film, { sampleRate: 48000 })();
  if (E.isLeft(sound)) return t.fail(sound.left.found);
  t.equal(sound.right.sampleRate, 48000);
  t.ok(Math.abs(sound.right.channels[0].length - 96000) < 4800);
  const silent = makeFilm(join(folder, 'silent.mkv'), false) as string;
  t.match(await readSound(silent)(), { left: { where: silent, found: 'a film without sound' } });
});
