/**
 * Operations on the places of a picture's pixels: projections of RandAugment, random crops, flips, and bicubic resizing
 * whose values may leave the range.
 */
import { expectKnown } from '../../data/nearest.js';
import { count } from '../../data/config.js';
import { showInputError } from '../../data/inputError.js';
import { orThrow } from '../../data/orThrow.js';
import { type Area, checkPicture, crop, type Picture, pixelBytes } from '../../media/picture.js';
import { foldIn, type Key, randint, uniform } from '../../random/index.js';
import { expectOptions } from '../options.js';

/**
 * Refuses what is no picture, such as an array [height, width, 3].
 * @throws Error
 */
export const expectPicture = (where: string, picture: Picture): void =>
  void orThrow(checkPicture(where, picture), showInputError);

/** The value in places that show nothing. */
const nothing = 128;

/** An affine map of places: x' = a·x + b·y + c, y' = d·x + e·y + f. */
type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Halves away from zero, as C rounds. */
const rounded = (x: number): number => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);

/** The picture whose pixel at a place is the nearest one of the given picture at the mapped place; grey elsewhere. */
export const transformed = (picture: Picture, [a, b, c, d, e, f]: Affine): Picture => {
  const { width, height } = picture;
  const data = new Uint8ClampedArray(picture.data.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += pixelBytes) {
      const [column, row] = [rounded(a * x + b * y + c), rounded(d * x + e * y + f)];
      const isInside = column >= 0 && column < width && row >= 0 && row < height;
      const from = pixelBytes * (row * width + column);
      for (let channel = 0; channel < 3; channel++)
        data[to + channel] = isInside ? picture.data[from + channel] : nothing;
      data[to + 3] = 255;
    }
  }
  return { width, height, data };
};

/** A turn about the middle, counter-clockwise for positive degrees. */
export const rotate = (picture: Picture, degrees: number): Picture => {
  const radians = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  const [w, h] = [picture.width - 1, picture.height - 1];
  const [c, f] = [(w - (cos * w - sin * h)) / 2, (h - (sin * w + cos * h)) / 2];
  return transformed(picture, [cos, -sin, c, sin, cos, f]);
};

export const shearX = (picture: Picture, level: number): Picture =>
  transformed(picture, [1, level, 0, 0, 1, 0]);
export const shearY = (picture: Picture, level: number): Picture =>
  transformed(picture, [1, 0, 0, level, 1, 0]);
/** Moves the content to the left by a number of pixels. */
export const translateX = (picture: Picture, pixels: number): Picture =>
  transformed(picture, [1, 0, pixels, 0, 1, 0]);
/** Moves the content up by a number of pixels. */
export const translateY = (picture: Picture, pixels: number): Picture =>
  transformed(picture, [1, 0, 0, 0, 1, pixels]);

/** A grey square around a random pixel, `reach` pixels to each side, cut at the borders. */
export const cutout = (picture: Picture, reach: number, key: Key): Picture => {
  const { width, height } = picture;
  const y = randint(foldIn(key, 0), [], 0, height).data[0];
  const x = randint(foldIn(key, 1), [], 0, width).data[0];
  const data = new Uint8ClampedArray(picture.data);
  for (let row = Math.max(0, y - reach); row < Math.min(height, y + reach); row++) {
    const [left, right] = [Math.max(0, x - reach), Math.min(width, x + reach)];
    for (let column = left; column < right; column++)
      data.fill(nothing, pixelBytes * (row * width + column), pixelBytes * (row * width + column) + 3);
  }
  return { ...picture, data };
};

/** The picture, mirrored left to right. */
export const mirrored = (picture: Picture): Picture => {
  const { width, height } = picture;
  const data = new Uint8ClampedArray(picture.data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = pixelBytes * (y * width + width - 1 - x);
      data.set(picture.data.subarray(from, from + pixelBytes), pixelBytes * (y * width + x));
    }
  return { width, height, data };
};

/** The picture, mirrored with probability 1/2. */
export const randomFlip = (picture: Picture, key: Key): Picture => {
  expectPicture('randomFlip', picture);
  return uniform(key, []).data[0] < 0.5 ? mirrored(picture) : picture;
};

export interface CropRange {
  /** Smallest and largest share of the picture's area; [0.08, 1] if not given. */
  readonly area?: readonly [least: number, most: number];
  /** Smallest and largest width over height; [3/4, 4/3] if not given. */
  readonly aspect?: readonly [least: number, most: number];
}

const expectRange = (name: string, least: number, most: number, largest: number): void => {
  if (least > 0 && least <= most && most <= largest && most < Infinity) return;
  const bound = largest === Infinity ? '' : ` and at most ${largest}`;
  throw new RangeError(
    `randomCrop: ${name} is [${least}, ${most}], expected two numbers above 0${bound}, the smaller first`,
  );
};

/** Crops that are tried before the whole picture is taken. */
const attempts = 10;

/**
 * A crop of random area, aspect and place, as TensorFlow's `sample_distorted_bounding_box` draws them; undefined where
 * ten attempts gave none. Crops of less than a tenth of the picture count as failed, as in DeepMind's training.
 */
export const randomArea = (
  { width, height }: Pick<Picture, 'width' | 'height'>,
  key: Key,
  range: CropRange = {},
): Area | undefined => {
  const { area: [least, most] = [0.08, 1], aspect: [narrow, wide] = [3 / 4, 4 / 3] } = range;
  expectKnown('randomCrop', range, ['area', 'aspect']);
  expectRange('area', least, most, 1);
  expectRange('aspect', narrow, wide, Infinity);
  expectOptions('randomArea', {
    "the picture's width": [width, count],
    "the picture's height": [height, count],
  });
  const whole = width * height;
  for (let n = 0; n < attempts; n++) {
    const own = foldIn(key, n);
    const draw = (i: number, count: number): number =>
      count <= 0 ? 0 : randint(foldIn(own, i), [], 0, count).data[0];
    const aspect = narrow + uniform(foldIn(own, 0), []).data[0] * (wide - narrow);
    const tallest = Math.min(
      height,
      Math.round(Math.sqrt((most * whole) / aspect)),
      Math.floor((width + 0.4999999) / aspect),
    );
    const lowest = Math.min(tallest, Math.round(Math.sqrt((least * whole) / aspect)));
    const tall = lowest + draw(1, tallest - lowest + 1);
    const across = Math.round(tall * aspect);
    const share = (tall * across) / whole;
    if (tall < 1 || across < 1 || across > width || share < Math.max(least, 0.1) || share > most) continue;
    return { left: draw(2, width - across), top: draw(3, height - tall), width: across, height: tall };
  }
  return undefined;
};

/** The cubic convolution's weight at a distance; a = -1/2. */
const cubic = (x: number): number => {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
};

/** For each place of a side: the four nearest pixels inside of the picture, and weights that sum to 1. */
const tapsOf = (length: number, newLength: number) =>
  Array.from({ length: newLength }, (_, i) => {
    const centre = (i + 0.5) * (length / newLength) - 0.5;
    const first = Math.floor(centre) - 1;
    const taps = [0, 1, 2, 3]
      .map((k) => ({ from: first + k, weight: cubic(centre - (first + k)) }))
      .filter(({ from }) => from >= 0 && from < length);
    const sum = taps.reduce((total, { weight }) => total + weight, 0);
    return taps.map(({ from, weight }) => ({ from, weight: weight / sum }));
  });

/**
 * Bicubic resizing without clamping and without smoothing: overshoots leave the range from 0 to 255, as in the training
 * of the ImageNet models. Pixels' centres are at half-integers; pixels outside of the picture count for nothing.
 * @returns [height, width, 3] float32
 * Source: TensorFlow's `tf.image.resize` with `BICUBIC`; JAX's `image.resize` with `cubic` and without antialiasing.
 */
export const resizeUnclamped = (picture: Picture, width: number, height: number): Float32Array => {
  expectPicture('resizeUnclamped', picture);
  expectOptions('resizeUnclamped', { width: [width, count], height: [height, count] });
  const [across, down] = [tapsOf(picture.width, width), tapsOf(picture.height, height)];
  const rows = new Float64Array(picture.height * width * 3);
  for (let y = 0, to = 0; y < picture.height; y++)
    for (const taps of across)
      for (let c = 0; c < 3; c++, to++)
        for (const { from, weight } of taps)
          rows[to] += weight * picture.data[pixelBytes * (y * picture.width + from) + c];
  const out = new Float32Array(height * width * 3);
  down.forEach((taps, y) => {
    for (let x = 0; x < 3 * width; x++) {
      let sum = 0;
      for (const { from, weight } of taps) sum += weight * rows[3 * width * from + x];
      out[3 * width * y + x] = sum;
    }
  });
  return out;
};

/** A random part of a picture, or undefined where `randomArea` finds none. */
export const randomCrop = (picture: Picture, key: Key, range?: CropRange): Picture | undefined => {
  expectPicture('randomCrop', picture);
  const area = randomArea(picture, key, range);
  return area && crop(picture, area);
};
