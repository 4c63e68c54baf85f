/** GIF files to frames and back. Frames come out as they are seen: each laid over what the ones before it left. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import gifenc from 'gifenc';
import gifuct from 'gifuct-js';
import { type Picture, pixelBytes } from './picture.js';
import { few } from '../data/few.js';
import type { InputError } from '../data/inputError.js';
import { brokenOff, damaged } from './damaged.js';
import type { Durations } from './frameRate.js';
import { decodeLzw } from './lzw.js';
import { checkSize } from './size.js';

type Parsed = ReturnType<typeof gifuct.parseGIF>;
type ImageFrame = Extract<Parsed['frames'][number], { image: unknown }> & {
  /** The frame's own colours, which the package's types lack. */
  readonly image: { readonly lct?: Parsed['gct'] };
};

/** The last byte of a GIF, which some writers pad with zeros. */
const trailer = 0x3b;

const isWhole = (bytes: Uint8Array): boolean => bytes[bytes.findLastIndex((byte) => byte !== 0)] === trailer;

/** The fault of a frame, or undefined, told before any of its pixels is decoded. */
const problemOf = ({ lsd, gct }: Parsed, { image }: ImageFrame): string | undefined => {
  const { left, top, width, height, lct } = image.descriptor;
  if (width < 1 || height < 1) return 'is empty';
  if (left + width > lsd.width || top + height > lsd.height) return 'reaches outside';
  if (!lct.exists && gct === undefined) return 'has no colours';
  const { minCodeSize } = image.data;
  return minCodeSize >= 1 && minCodeSize <= 8 ? undefined : 'is compressed in an unknown way';
};

const checkFrames = (where: string, parsed: Parsed): E.Either<InputError, readonly ImageFrame[]> => {
  const images = parsed.frames.filter((frame): frame is ImageFrame => 'image' in frame);
  if (images.length === 0) return E.left(damaged(where, 'GIF')('it has no frame'));
  const problems = images.flatMap((image, i) => {
    const problem = problemOf(parsed, image);
    return problem === undefined ? [] : [`frame ${i} ${problem}`];
  });
  return problems.length === 0 ? E.right(images) : E.left(damaged(where, 'GIF')(few(problems).join(', ')));
};

/** The fate of a frame when the next one comes: it is cleared, or the one before is restored. */
const disposal = { clear: 2, restore: 3 };

/** The row of a frame that each row of its compressed pixels is: in order, or in four passes (GIF89a, appendix E). */
const rowsOf = ({ height, lct }: ImageFrame['image']['descriptor']): readonly number[] => {
  const rows = Array.from({ length: height }, (_, y) => y);
  const pass = (y: number): number => (y % 8 === 0 ? 0 : y % 4 === 0 ? 1 : y % 2 === 0 ? 2 : 3);
  return lct.interlaced ? [0, 1, 2, 3].flatMap((number) => rows.filter((y) => pass(y) === number)) : rows;
};

/** Draws a frame over what is on the screen; throws where a code of its pixels stands for nothing. */
const drawFrame = (screen: Uint8ClampedArray, { lsd, gct }: Parsed, { image, gce }: ImageFrame): void => {
  const { left, top, width, height } = image.descriptor;
  const colours = image.lct ?? gct;
  const transparent = gce?.extras.transparentColorGiven ? gce.transparentColorIndex : undefined;
  const { minCodeSize, blocks } = image.data;
  const pixels = decodeLzw(minCodeSize, blocks, width * height);
  if (!pixels) throw new Error('a code of its pixels stands for nothing');
  for (const [row, y] of rowsOf(image.descriptor).entries()) {
    for (let x = 0; x < width; x++) {
      const index = pixels[row * width + x];
      if (index === transparent) continue;
      const [red = 0, green = 0, blue = 0] = colours[index] ?? [];
      screen.set([red, green, blue, 255], pixelBytes * ((top + y) * lsd.width + left + x));
    }
  }
};

const clearFrame = (screen: Uint8ClampedArray, { lsd }: Parsed, { image }: ImageFrame): void => {
  const { left, top, width, height } = image.descriptor;
  for (let y = top; y < top + height; y++) {
    const from = pixelBytes * (y * lsd.width + left);
    screen.fill(0, from, from + pixelBytes * width);
  }
};

const composeFrames = (parsed: Parsed, images: readonly ImageFrame[]): readonly Picture[] => {
  const { width, height } = parsed.lsd;
  let screen = new Uint8ClampedArray(pixelBytes * width * height);
  return images.map((image) => {
    const fate = image.gce?.extras.disposal;
    const before = fate === disposal.restore ? screen.slice() : screen;
    drawFrame(screen, parsed, image);
    const picture = { width, height, data: screen.slice() };
    if (fate === disposal.clear) clearFrame(screen, parsed, image);
    screen = before;
    return picture;
  });
};

/** A GIF whose frames are not drawn yet. */
export interface OpenGif {
  readonly durations: Durations;
  /** Draws the first `count` frames. */
  readonly frames: (count: number) => E.Either<InputError, readonly Picture[]>;
}

/** Seconds that a frame is shown; frames that name no duration take a tenth, as in browsers. */
const durationOf = ({ gce }: ImageFrame): number => (gce?.delay || 10) / 100;

/** Checks a GIF, and tells how long each of its frames is shown. */
export const openGif = (where: string, bytes: Uint8Array): E.Either<InputError, OpenGif> => {
  if (!isWhole(bytes)) return brokenOff(where, 'GIF', bytes);
  const problem = damaged(where, 'GIF');
  return pipe(
    E.tryCatch(() => gifuct.parseGIF(new Uint8Array(bytes).buffer), problem),
    E.bindTo('parsed'),
    E.chainFirst(({ parsed }) => checkSize(where, { width: parsed.lsd.width, height: parsed.lsd.height })),
    E.bind('images', ({ parsed }) => checkFrames(where, parsed)),
    E.map(({ parsed, images }) => ({
      durations: images.map(durationOf),
      frames: (count) => E.tryCatch(() => composeFrames(parsed, images.slice(0, count)), problem),
    })),
  );
};

/** The frames of a GIF, the first `count` of them. */
export const parseGif = (
  where: string,
  bytes: Uint8Array,
  count = Infinity,
): E.Either<InputError, readonly Picture[]> =>
  pipe(
    openGif(where, bytes),
    E.chain(({ frames }) => frames(count)),
  );

/** Colours of a frame. */
const maxColours = 256;

/**
 * Frames as a GIF that repeats; each frame has the 256 colours that suit it best, and no opacity.
 * @param framesPerSecond  rounded to hundredths of a second for each frame, as the format has it
 */
export const formatGif = (frames: readonly Picture[], framesPerSecond: number): Uint8Array => {
  const encoder = gifenc.GIFEncoder();
  for (const { width, height, data } of frames) {
    const palette = gifenc.quantize(data, maxColours);
    const indices = gifenc.applyPalette(data, palette);
    encoder.writeFrame(indices, width, height, { palette, delay: 1000 / framesPerSecond, repeat: 0 });
  }
  encoder.finish();
  return encoder.bytes();
};
