import t from 'tap';
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { parsePicture, readPicture, writePicture } from '../../../lib/media/readPicture.js';
import { formatPng, parsePng } from '../../../lib/media/png.js';
import { onWhite, type Picture, pictureOf } from '../../../lib/media/picture.js';
import { crc32 } from '../../../lib/files/crc32.js';
import { bytesOf, difference } from '../../presets/colabs.js';
import { fileOf, media, newFolder } from './stored.js';

/** Decoders of JPEG round differently; of PNG they do not, but that the stored values of 16 bits are rounded, not cut. */
const allowedOf = (name: string): number => (name.includes('JPEG') ? 3 : name.includes('16 bits') ? 1 : 0);

t.test('pictures are read as Pillow reads them, whatever kind of PNG or JPEG they are', async (t) => {
  for (const { name, file, width, height, rgba } of media.pictures) {
    const found = await parsePicture(name, bytesOf(file))();
    if (E.isLeft(found)) {
      t.fail(`${name}: ${found.left.found}`);
      continue;
    }
    t.strictSame([found.right.width, found.right.height], [width, height], name);
    const { data: expected } = onWhite({ width, height, data: bytesOf(rgba) });
    const allowed = allowedOf(name);
    t.ok(
      difference(found.right.data, expected) <= allowed,
      `${name}: ${difference(found.right.data, expected)}`,
    );
  }
});

/** A PNG by hand. */
const png = (
  { width, height, isInterlaced = false }: { width: number; height: number; isInterlaced?: boolean },
  pixels: Uint8Array,
): Uint8Array => {
  const chunk = (type: string, data: Uint8Array) => {
    const bytes = Buffer.alloc(12 + data.length);
    bytes.writeUInt32BE(data.length);
    bytes.write(type, 4, 'latin1');
    bytes.set(data, 8);
    bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
    return bytes;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, isInterlaced ? 1 : 0], 8);
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))];
  return new Uint8Array(Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]));
};

const greys = (picture: E.Either<unknown, Picture>): number[] =>
  E.isRight(picture) ? [...picture.right.data].filter((_, i) => i % 4 === 0) : [];

t.test('an interlaced PNG is put together', (t) => {
  const passes = [0, 11, 0, 12, 0, 21, 22]; // the first pass has one pixel, the sixth one, the seventh a row
  const bytes = png({ width: 2, height: 2, isInterlaced: true }, Uint8Array.from(passes));
  t.strictSame(greys(parsePng('x', bytes)), [11, 12, 21, 22]);
  t.end();
});

t.test('bytes after the end of a PNG are not looked at', (t) => {
  const bytes = png({ width: 2, height: 1 }, Uint8Array.from([0, 7, 8]));
  t.strictSame(greys(parsePng('x', Uint8Array.from([...bytes, 1, 2, 3]))), [7, 8]);
  t.end();
});

t.test('a PNG with more or fewer pixels than it says is refused, however many they are', (t) => {
  for (const isInterlaced of [false, true]) {
    const many = png({ width: 2, height: 2, isInterlaced }, new Uint8Array(1e7));
    t.ok(many.length < 2e4, 'a small file');
    t.match(parsePng('bomb', many), {
      left: { where: 'bomb', found: 'a damaged PNG file: it has more than 6 bytes of pixels' },
    });
    t.match(parsePng('x', png({ width: 2, height: 2, isInterlaced }, new Uint8Array(5))), {
      left: { found: 'a damaged PNG file: it has 5 of 6 bytes of pixels' },
    });
  }
  t.end();
});

t.test('a picture of too many pixels, or of none, is refused before they are decoded', async (t) => {
  t.match(parsePng('x', png({ width: 60000, height: 60000 }, new Uint8Array(3))), {
    left: { found: '60000 × 60000 pixels, 3600 million in all', expected: 'at most 67108864 pixels' },
  });
  t.match(parsePng('x', png({ width: 0, height: 2 }, new Uint8Array(3))), {
    left: { found: '0 × 2 pixels' },
  });
  const large = fileOf('JPEG');
  const sizeAt = large.findIndex((byte, i) => byte === 0xff && large[i + 1] === 0xc0) + 5;
  large.set([0xff, 0xff, 0xff, 0xff], sizeAt);
  t.match(await parsePicture('x', large)(), {
    left: { found: 'a JPEG file of more', expected: 'at most 67108864 pixels, decoded in 2048 MiB' },
  });
});

t.test('a file that breaks off anywhere is refused', async (t) => {
  for (const { name, file } of media.pictures) {
    const bytes = bytesOf(file);
    for (let length = 0; length < bytes.length; length += 3) {
      const found = await parsePicture(name, bytes.subarray(0, length))();
      if (E.isRight(found)) t.fail(`${name} of ${length} bytes is accepted`);
    }
    const found = await parsePicture(name, bytes.subarray(0, -4))();
    t.match(found, {
      left: { where: name, found: new RegExp(`breaks off after ${bytes.length - 4} bytes`) },
    });
  }
});

t.test('damage gives a picture or an error, never an exception', async () => {
  const damages = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 5,
  });
  for (const { name, file } of media.pictures) {
    await fc.assert(
      fc.asyncProperty(damages, async (changes) => {
        const bytes = bytesOf(file);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const found = await parsePicture(name, bytes)();
        return E.isRight(found)
          ? found.right.data.length === 4 * found.right.width * found.right.height
          : found.left.where === name;
      }),
      { numRuns: 60 },
    );
  }
});

t.test('what is no picture is refused by what it is', async (t) => {
  const found = async (bytes: Uint8Array) => {
    const parsed = await parsePicture('x', bytes)();
    return E.isLeft(parsed) ? parsed.left.found : '';
  };
  const text = (content: string) => new Uint8Array(Buffer.from(content, 'latin1'));
  const kinds = await Promise.all(
    [
      text(''),
      text('<html>'),
      text('RIFF\0\0\0\0WAVEfmt '),
      text('\0\0\0\x18ftypmp42'),
      text('\0\0\0\x18ftypheic'),
      text('\xff\x0a\0\0'),
      Uint8Array.of(0, 1, 2),
    ].map(found),
  );
  t.strictSame(kinds, [
    'an empty file',
    'a text file',
    'a file in WAV',
    'a file in MP4',
    'a photograph in HEIC',
    'a file in JPEG XL',
    'a file of another kind',
  ]);
  t.match(await parsePicture('x', text('<html>'))(), {
    left: { expected: 'a picture in PNG, JPEG, GIF, BMP, WebP, AVIF or TIFF' },
  });
  t.match(await parsePicture('x', text('\0\0\0\x18ftypheic'))(), { left: { expected: /heif-convert/ } });
});

const sides = fc.integer({ min: 1, max: 9 });
const pictures = fc
  .tuple(sides, sides)
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: 4 * width * height, maxLength: 4 * width * height })
      .map((data): Picture => ({ width, height, data })),
  );

t.test('a picture written as PNG is read again as it was', (t) => {
  fc.assert(
    fc.property(pictures, (picture) => {
      const again = parsePng('x', formatPng(picture));
      return (
        E.isRight(again) &&
        again.right.width === picture.width &&
        difference(again.right.data, picture.data) === 0
      );
    }),
    { numRuns: 60 },
  );
  t.end();
});

t.test('pictures go to files and come back by content, not by name', async (t) => {
  const folder = newFolder(t);
  const picture = pictureOf(3, 2, (x, y) => [x, y, 9]);
  const path = join(folder, 'picture.jpg');
  t.strictSame(await writePicture(path, picture)(), E.right(undefined));
  const again = await readPicture(path)();
  t.ok(E.isRight(again) && difference(again.right.data, picture.data) === 0);
  const gif = join(folder, 'film');
  writeFileSync(gif, fileOf('GIF of parts'));
  t.match(await readPicture(gif)(), { right: { width: 16, height: 12 } }, 'the first frame of a GIF');
  t.strictSame(readdirSync(folder).sort(), ['film', 'picture.jpg'], 'nothing else is left');
});

t.test('what the file system refuses is an error with the path', async (t) => {
  const folder = newFolder(t);
  const picture = pictureOf(1, 1, () => [0, 0, 0]);
  t.strictSame(
    await readPicture(join(folder, 'none.png'))(),
    E.left({
      kind: 'input',
      where: join(folder, 'none.png'),
      found: 'no such file or directory',
      expected: 'a file that can be read',
    }),
  );
  t.match(await readPicture(folder)(), { left: { where: folder, found: 'a directory', expected: 'a file' } });
  t.match(await writePicture(join(folder, 'none', 'x.png'), picture)(), {
    left: { found: 'no such file or directory', expected: 'a place for a file' },
  });
  mkdirSync(join(folder, 'taken'));
  t.match(await writePicture(join(folder, 'taken'), picture)(), { left: { found: /directory/ } });
  t.strictSame(readdirSync(folder), ['taken'], 'and no part of a file stays');
});

t.test('a file that is written anew is replaced whole', async (t) => {
  const path = join(newFolder(t), 'x.png');
  writeFileSync(
    path,
    'something else, and longer than a picture of one pixel is when it is written as PNG'.repeat(9),
  );
  const picture = pictureOf(1, 1, () => [1, 2, 3]);
  await writePicture(path, picture)();
  t.strictSame([...readFileSync(path)], [...formatPng(picture)]);
});
