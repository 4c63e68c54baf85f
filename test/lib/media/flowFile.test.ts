/** Flow in files: .flo byte by byte, KITTI's PNG to 64ths of a pixel, unknown flow, and files that are none. */
import t from 'tap';
import * as E from 'fp-ts/lib/Either.js';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { showInputError } from '../../../lib/data/inputError.js';
import {
  type FlowField,
  formatFlo,
  formatKittiFlow,
  parseFlo,
  parseKittiFlow,
  readFlow,
  writeFlow,
} from '../../../lib/media/flowFile.js';
import { pictureOf } from '../../../lib/media/picture.js';
import { formatPng } from '../../../lib/media/png.js';

const flow: FlowField = {
  width: 3,
  height: 2,
  data: Float32Array.of(0, 0, 1.5, -2.25, -512, 511.984375, 0.015625, 7, -0.5, 100, 3, 4),
};
const partly: FlowField = { ...flow, known: Uint8Array.of(1, 0, 1, 1, 1, 0) };

const right = <A>(result: E.Either<Parameters<typeof showInputError>[0], A>): A => {
  if (E.isLeft(result)) throw new Error(showInputError(result.left));
  return result.right;
};
const told = (result: E.Either<Parameters<typeof showInputError>[0], unknown>): string =>
  E.isLeft(result) ? showInputError(result.left) : 'read';

t.test('a .flo is a tag, width, height and floats', async (t) => {
  const bytes = formatFlo(flow);
  t.equal(Buffer.from(bytes.subarray(0, 4)).toString(), 'PIEH');
  t.equal(bytes.length, 12 + 8 * 6);
  const view = new DataView(bytes.buffer);
  t.same([view.getInt32(4, true), view.getInt32(8, true), view.getFloat32(24, true)], [3, 2, -2.25]);
  t.same(right(parseFlo('a.flo', bytes)), flow);
  t.same(right(parseFlo('a.flo', formatFlo(partly))).known, partly.known);
});

t.test('KITTI has 64ths of a pixel and a channel for what is known', async (t) => {
  t.same(right(parseKittiFlow('a.png', formatKittiFlow(flow))), flow);
  const read = right(parseKittiFlow('a.png', formatKittiFlow(partly)));
  t.same(read.known, partly.known);
  t.same([...read.data.subarray(0, 4)], [0, 0, 0, 0]);
  const beyond = formatKittiFlow({ width: 1, height: 1, data: Float32Array.of(-600, 0.01) });
  t.same([...right(parseKittiFlow('a.png', beyond)).data], [-512, 0.015625]);
});

t.test("a PNG by Python's zlib is read", async (t) => {
  // Two pixels of red, green, blue: 32832, 32704, 1 and 0, 0, 0.
  const bytes = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAIAAAAr0DSeAAAAEUlEQVR4nGNocKg/wMDIAAYAFIoCAbQ5Xl0AAAAASUVORK5CYII=',
    'base64',
  );
  const { width, height, data, known } = right(parseKittiFlow('a.png', bytes));
  t.same([width, height, ...data], [2, 1, 1, -1, 0, 0]);
  t.same(known, Uint8Array.of(1, 0));
});

t.test('files of other kinds and broken ones are told', async (t) => {
  const bytes = formatFlo(flow);
  t.equal(
    told(parseFlo('a.flo', bytes.subarray(0, 40))),
    'a.flo: found 40 bytes, expected 60, for 3 × 2 pixels',
  );
  t.match(told(parseFlo('a.flo', new Uint8Array(60))), /^a\.flo: found a file of 60 bytes of another kind/);
  const wide = formatFlo(flow);
  new DataView(wide.buffer).setInt32(4, -3, true);
  t.match(told(parseFlo('a.flo', wide)), /^a\.flo: found a flow of -3 × 2/);
  const shallow = formatPng(pictureOf(2, 2, () => [1, 2, 3]));
  t.match(
    told(parseKittiFlow('a.png', shallow)),
    /^a\.png: found a PNG of 8 bits a channel, expected one of 16/,
  );
  t.match(
    told(parseKittiFlow('a.png', formatKittiFlow(flow).subarray(0, 60))),
    /^a\.png: found a PNG file that breaks off/,
  );
});

t.test('the ending of the name tells the format', async (t) => {
  const folder = t.testdir({});
  for (const name of ['a.flo', 'a.png']) {
    right(await writeFlow(join(folder, name), partly)());
    t.same(right(await readFlow(join(folder, name))()).known, partly.known, name);
  }
  writeFileSync(join(folder, 'a.txt'), '');
  t.match(
    told(await readFlow(join(folder, 'a.txt'))()),
    /a\.txt: found a file of another kind, expected a flow/,
  );
});
