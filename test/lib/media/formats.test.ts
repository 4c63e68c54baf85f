/**
 * Pictures and sounds in every format that is read, beside the values that PIL, soundfile and librosa read from the same
 * files: lossless formats to the bit, lossy ones within 2 of 255, resampled sound within 1e-3.
 */
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import sharp from 'sharp';
import t from 'tap';
import { parsePicture } from '../../../lib/media/readPicture.js';
import { root } from '../../project.js';
import { likePython } from './likePython.js';

const says = {
  picture: "PIL's pixels, upright and over white",
  sound: "soundfile's samples",
  resampled: "librosa's samples",
};

for (const [name, compare] of likePython(join(root, 'test', 'data', 'mediaFormats')))
  t.test(`${name} is as Python reads it`, async (t) => {
    const { kind, difference, allowed } = await compare();
    t.ok(difference <= allowed, `${says[kind]}: ${difference} apart, ${allowed} allowed`);
  });

const coloursOf = async (file: Uint8Array) => {
  const found = await parsePicture('x', file)();
  return E.isLeft(found) ? found.left.found : [...found.right.data].filter((_, i) => i % 4 < 3);
};

t.test('inks of a TIFF are the colours that PIL makes of them', async (t) => {
  // Written by PIL: four pixels, [0, 0, 0, 0], [255, 0, 0, 0], [10, 200, 90, 60], [77, 1, 254, 128].
  const file = Buffer.from(
    'SUkqAAgAAAAKAAABBAABAAAABAAAAAEBBAABAAAAAQAAAAIBAwAEAAAAhgAAAAMBAwABAAAAAQAAAAYBAwABAAAABQAAABEBBAABAAAA' +
      'jgAAABUBAwABAAAABAAAABYBBAABAAAAAQAAABcBBAABAAAAEAAAABwBAwABAAAAAQAAAAAAAAAIAAgACAAIAAAAAAD/AAAACshaPE0B/oA=',
    'base64',
  );
  t.strictSame(await coloursOf(file), [255, 255, 255, 0, 255, 255, 187, 42, 126, 89, 127, 0]);
});

t.test('a colour profile changes no number, whatever the format', async (t) => {
  const red = sharp(Uint8Array.of(255, 0, 0), { raw: { width: 1, height: 1, channels: 3 } }).withIccProfile(
    'p3',
  );
  const stored = await coloursOf(await red.clone().png().toBuffer());
  t.notSame(stored, [255, 0, 0]);
  t.strictSame(await coloursOf(await red.clone().tiff({ compression: 'lzw' }).toBuffer()), stored);
  t.strictSame(await coloursOf(await red.clone().webp({ lossless: true }).toBuffer()), stored);
});
