/** GIF files to frames and back. Frames come out as they are seen: each laid over what the ones before it left. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import gifenc from 'gifenc';
import gifuct, { type ParsedFrameWithoutPatch } from 'gifuct-js';
import { type Picture, pixelBytes } from './picture.js';
import type { InputError } from '../data/inputError.js';
import { brokenOff, damaged } from './damaged.js';
import type { Durations } from './frameRate.js';
import { checkSize, type Size } from './size.js';

type Parsed = ReturnType<typeof gifuct.parseGIF>;
type ImageFrame = Extract<Parsed['frames'][number], { image: unknown }>;

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
  return problems.length === 0 ? E.right(images) : E.left(damaged(where, 'GIF')(problems.join(', ')));
};

/** The fate of a frame when the next one comes: it is cleared, or the one before is restored. */
const disposal = { clear: 2, restore: 3 };

const drawFrame = (screen: Uint8ClampedArray, { width }: Size, frame: ParsedFrameWithoutPatch): void => {
  const { dims, pixels, colorTable, transparentIndex } = frame;
  for (let i = 0; i < dims.width * dims.height; i++) {
    if (pixels[i] === transparentIndex) continue;
    const [red = 0, green = 0, blue = 0] = colorTable[pixels[i]] ?? [];
    const [x, y] = [dims.left + (i % dims.width), dims.top + Math.floor(i / dims.width)];
    screen.set([red, green, blue, 255], pixelBytes * (y * width + x));
  }
};

const clearFrame = (screen: Uint8ClampedArray, { width }: Size, { dims }: ParsedFrameWithoutPatch): void => {
  for (let y = dims.top; y < dims.top + dims.height; y++) {
    const from = pixelBytes * (y * width + dims.left);
    screen.fill(0, from, from + pixelBytes * dims.width);
  }
};

const composeFrames = ({ lsd, gct }: Parsed, images: readonly ImageFrame[]): readonly Picture[] => {
  const size: Size = { width: lsd.width, height: lsd.height };
  let screen = new Uint8ClampedArray(pixelBytes * size.width * size.height);
  return images.map((image) => {
    const frame = gifuct.decompressFrame(image, gct, false);
    const before = frame.disposalType === disposal.restore ? screen.slice() : screen;
    drawFrame(screen, size, frame);
    const picture = { ...size, data: screen.slice() };
    if (frame.disposalType === disposal.clear) clearFrame(screen, size, frame);
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
    E.tryCatch(() => gifuct.parseGIF(bytes.slice().buffer), problem),
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
