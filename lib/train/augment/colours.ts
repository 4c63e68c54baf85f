/**
 * Operations of RandAugment on the colours of a picture, on red, green and blue in whole numbers from 0 to 255. Opacity
 * stays. Quirks of DeepMind's copy are kept, since its models were trained with them.
 * Source: deepmind-research `perceiver/train/autoaugment.py`.
 */
import { type Picture, pixelBytes } from '../../media/picture.js';

const mapped = (picture: Picture, f: (value: number, at: number) => number): Picture => {
  const data = new Uint8ClampedArray(picture.data);
  for (let at = 0; at < data.length; at++)
    if (at % pixelBytes !== 3) data[at] = Math.trunc(f(picture.data[at], at));
  return { ...picture, data };
};

/** Values of one channel through a table of 256. */
const throughTables = (
  picture: Picture,
  tableOf: (values: readonly number[]) => ArrayLike<number>,
): Picture => {
  const tables = [0, 1, 2].map((channel) => {
    const counts = Array<number>(256).fill(0);
    for (let at = channel; at < picture.data.length; at += pixelBytes) counts[picture.data[at]] += 1;
    return tableOf(counts);
  });
  return mapped(picture, (value, at) => tables[at % pixelBytes][value]);
};

/** Each channel stretched to the whole range from 0 to 255. */
export const autoContrast = (picture: Picture): Picture =>
  throughTables(picture, (counts) => {
    const [low, high] = [counts.findIndex((n) => n > 0), counts.findLastIndex((n) => n > 0)];
    if (high <= low) return counts.map((_, value) => value);
    const scale = Math.fround(255 / (high - low));
    const offset = Math.fround(-low * scale);
    const stretched = (value: number): number => Math.fround(Math.fround(value * scale) + offset);
    return counts.map((_, value) => Math.min(255, Math.max(0, stretched(value))));
  });

/** Each channel with its values spread evenly. */
export const equalize = (picture: Picture): Picture =>
  throughTables(picture, (counts) => {
    const present = counts.filter((n) => n > 0);
    const all = present.reduce((a, b) => a + b, 0);
    const step = Math.floor((all - present[present.length - 1]) / 255);
    if (step === 0) return counts.map((_, value) => value);
    let below = 0;
    return counts.map((n, value) => {
      const level = value === 0 ? 0 : Math.floor((below + Math.floor(step / 2)) / step);
      below += n;
      return Math.min(255, level);
    });
  });

export const invert = (picture: Picture): Picture => mapped(picture, (value) => 255 - value);

/** Values with their highest bits alone. */
export const posterize = (picture: Picture, bits: number): Picture =>
  mapped(picture, (value) => (value >> (8 - bits)) << (8 - bits));

/** Values from the threshold on, inverted. */
export const solarize = (picture: Picture, threshold: number): Picture =>
  mapped(picture, (value) => (value < threshold ? value : 255 - value));

/** Values below 128 with a number added. */
export const solarizeAdd = (picture: Picture, addition: number): Picture =>
  mapped(picture, (value) => (value < 128 ? Math.min(255, Math.max(0, value + addition)) : value));

/**
 * From one picture through another and beyond: `first` at 0, `second` at 1. A mixture is cut down to whole numbers, not
 * rounded.
 */
export const blend = (first: Picture, second: Picture, factor: number): Picture => {
  if (factor === 0) return first;
  if (factor === 1) return second;
  return mapped(second, (value, at) => {
    const from = first.data[at];
    const mixed = Math.fround(from + Math.fround(factor * (value - from)));
    return Math.min(255, Math.max(0, mixed));
  });
};

/** Weights of red, green and blue in a grey value, as TensorFlow has them. */
const luma = [0.2989, 0.587, 0.114];

const grey = (picture: Picture): Picture =>
  mapped(picture, (_, at) => {
    const start = at - (at % pixelBytes);
    const sum = luma.reduce((total, weight, c) => total + weight * (picture.data[start + c] / 255), 0);
    return Math.min(255, sum * 255.5);
  });

/** Saturation: 0 is grey, 1 the picture. */
export const colour = (picture: Picture, factor: number): Picture => blend(grey(picture), picture, factor);

/**
 * Contrast: 1 is the picture. The grey that it is blended with is the number of pixels divided by 256, and no mean of
 * values: DeepMind's code sums the counts of a histogram.
 */
export const contrast = (picture: Picture, factor: number): Picture => {
  const level = Math.min(255, Math.trunc((picture.width * picture.height) / 256));
  return blend(
    mapped(picture, () => level),
    picture,
    factor,
  );
};

/** Brightness: 0 is black, 1 the picture. */
export const brightness = (picture: Picture, factor: number): Picture =>
  blend(
    mapped(picture, () => 0),
    picture,
    factor,
  );

/** Sharpness: 0 is smoothed by a kernel of 3 by 3, 1 the picture. The border is never smoothed. */
export const sharpness = (picture: Picture, factor: number): Picture => {
  const { width, height, data } = picture;
  const stride = pixelBytes * width;
  const smooth = mapped(picture, (value, at) => {
    const pixel = Math.floor(at / pixelBytes);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return value;
    let sum = 5 * value;
    for (const down of [-stride, 0, stride])
      for (const across of [-pixelBytes, 0, pixelBytes])
        if (down !== 0 || across !== 0) sum += data[at + down + across];
    return sum / 13;
  });
  return blend(smooth, picture, factor);
};
