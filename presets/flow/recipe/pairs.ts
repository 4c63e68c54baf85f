/**
 * Made pairs of frames whose flow is known: a textured ellipse over a textured ground, each under an affine motion of its
 * own, so that the ellipse covers and uncovers parts of the ground.
 */
import { float32 } from '../../../lib/data/array.js';
import { type Picture, pixelBytes } from '../../../lib/media/picture.js';
import { foldIn, type Key, randint, uniform } from '../../../lib/random/index.js';
import type { FlowPair } from '../../../lib/train/augment/phases.js';
import type { Examples } from '../../../lib/train/data.js';

/** Colours at any place, in [-1, 1]. */
type Texture = (x: number, y: number, channel: number) => number;

/** An affine map of places about the middle of the image: x' = a·x + b·y + c, y' = d·x + e·y + f. */
interface Motion {
  readonly to: (x: number, y: number) => readonly [number, number];
  readonly from: (x: number, y: number) => readonly [number, number];
}

export interface PairOptions {
  readonly height: number;
  readonly width: number;
  /** Number of different pairs. */
  readonly length: number;
  /** Decides every pair. */
  readonly key: Key;
  /** The farthest that the middle of a layer moves, in pixels of each direction; 3 if not given. */
  readonly most?: number;
  /** Pictures to take textures from; smooth noise if not given. A picture goes on beyond its edges from the other side. */
  readonly pictures?: readonly Picture[];
  /** Pixels of a frame for each pixel of a picture: 2 shows pictures twice as large. 1 if not given. */
  readonly zoom?: number;
  /** True to turn, mirror and tint the picture of each layer at random, and to weaken its contrast; false if not given. */
  readonly isVaried?: boolean;
}

const wrapped = (i: number, length: number): number => ((i % length) + length) % length;

/** A field of numbers between its points, by their distances; it repeats beyond its ends. */
const bilinear =
  (at: (column: number, row: number) => number) =>
  (x: number, y: number): number => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const [right, down] = [x - column, y - row];
    return (
      (1 - down) * ((1 - right) * at(column, row) + right * at(column + 1, row)) +
      down * ((1 - right) * at(column, row + 1) + right * at(column + 1, row + 1))
    );
  };

const clipped = (value: number): number => Math.max(-1, Math.min(1, value));

/** Points of a side of the noise's field. */
const field = 32;

/** Smooth noise: three fields, each finer and weaker than the one before. */
const noise = (key: Key): Texture => {
  const scales = [6, 3, 1.5].map((scale, i) => {
    const values = uniform(foldIn(key, i), [field, field, 3], { min: -1, max: 1 }).data;
    const fields = [0, 1, 2].map((channel) =>
      bilinear((x, y) => values[3 * (wrapped(y, field) * field + wrapped(x, field)) + channel]),
    );
    return (x: number, y: number, channel: number) => fields[channel](x / scale, y / scale) / (i + 1);
  });
  return (x, y, channel) => clipped(scales.reduce((sum, scale) => sum + scale(x, y, channel), 0));
};

/** Changes of a picture: axes exchanged, mirrored, and a factor and a summand of each colour. */
interface Variation {
  readonly isTurned: boolean;
  readonly sign: number;
  readonly factors: readonly number[];
  readonly summands: readonly number[];
}

const unchanged: Variation = { isTurned: false, sign: 1, factors: [1, 1, 1], summands: [0, 0, 0] };

/** Contrast from 0.3 to 1.2, light and dark exchanged in half of them; colours differ by up to 30 % and 0.3 of 2. */
const variationOf = (key: Key): Variation => {
  const [turned, mirrored, negative, contrast, ...tints] = uniform(key, [10]).data;
  const factor = 0.3 * 4 ** contrast * (negative < 0.5 ? -1 : 1);
  return {
    isTurned: turned < 0.5,
    sign: mirrored < 0.5 ? -1 : 1,
    factors: tints.slice(0, 3).map((tint) => factor * (0.7 + 0.3 * tint)),
    summands: tints.slice(3).map((tint) => 0.6 * (tint - 0.5)),
  };
};

/** A part of a picture, from a random place on. */
const ofPicture = (
  { width, height, data }: Picture,
  key: Key,
  { zoom = 1, isVaried = false }: PairOptions,
): Texture => {
  const left = randint(foldIn(key, 0), [], 0, width).data[0];
  const top = randint(foldIn(key, 1), [], 0, height).data[0];
  const { isTurned, sign, factors, summands } = isVaried ? variationOf(foldIn(key, 2)) : unchanged;
  const channels = [0, 1, 2].map((channel) =>
    bilinear(
      (x, y) =>
        data[pixelBytes * (wrapped(y + top, height) * width + wrapped(x + left, width)) + channel] / 127.5 -
        1,
    ),
  );
  return (x, y, channel) => {
    const [column, row] = isTurned ? [y, x] : [x, y];
    const value = channels[channel]((sign * column) / zoom, row / zoom);
    return clipped(factors[channel] * value + summands[channel]);
  };
};

/** A motion of at most `most` pixels, with a little turning and stretching. */
const motionOf = (key: Key, most: number, height: number, width: number): Motion => {
  const [across, down, ...bends] = uniform(key, [6], { min: -1, max: 1 }).data;
  const [a, b, d, e] = [1 + bends[0] * 0.05, bends[1] * 0.05, bends[2] * 0.05, 1 + bends[3] * 0.05];
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  const [tx, ty] = [across * most, down * most];
  const determinant = a * e - b * d;
  return {
    to: (x, y) => [a * (x - cx) + b * (y - cy) + cx + tx, d * (x - cx) + e * (y - cy) + cy + ty],
    from: (x, y) => {
      const [u, v] = [x - cx - tx, y - cy - ty];
      return [(e * u - b * v) / determinant + cx, (a * v - d * u) / determinant + cy];
    },
  };
};

/** A pair with its flow back, and 1 for each pixel of the first frame that the second shows, too. */
export type MadePair = FlowPair & Record<'flowBack' | 'isVisible', FlowPair['flow']>;

/** One pair: frames [H, W, 3] in [-1, 1], flow [H, W, 2] in pixels to the right and down, isVisible [H, W]. */
const madePair = (own: Key, options: PairOptions): MadePair => {
  const { height, width, most = 3, pictures = [] } = options;
  const texture = (n: number): Texture => {
    const key = foldIn(own, n);
    if (pictures.length === 0) return noise(key);
    const choice = randint(foldIn(key, 9), [], 0, pictures.length).data[0];
    return ofPicture(pictures[choice], key, options);
  };
  const [ground, figure] = [texture(0), texture(1)];
  const [ofGround, ofFigure] = [2, 3].map((n) => motionOf(foldIn(own, n), most, height, width));
  const [x0, y0, rx, ry] = uniform(foldIn(own, 4), [4]).data;
  const [middleX, middleY] = [width * (0.25 + x0 / 2), height * (0.25 + y0 / 2)];
  const [radiusX, radiusY] = [width * (0.15 + rx / 5), height * (0.15 + ry / 5)];
  const isFigure = (x: number, y: number): boolean =>
    ((x - middleX) / radiusX) ** 2 + ((y - middleY) / radiusY) ** 2 < 1;
  const size = height * width;
  const [first, second] = [new Float32Array(3 * size), new Float32Array(3 * size)];
  const [flow, flowBack] = [new Float32Array(2 * size), new Float32Array(2 * size)];
  const isVisible = new Float32Array(size);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const isHere = isFigure(x, y);
      const [toX, toY] = (isHere ? ofFigure : ofGround).to(x, y);
      flow.set([toX - x, toY - y], 2 * i);
      const isInside = toX >= 0 && toY >= 0 && toX <= width - 1 && toY <= height - 1;
      isVisible[i] = isInside && (isHere || !isFigure(...ofFigure.from(toX, toY))) ? 1 : 0;
      const isThere = isFigure(...ofFigure.from(x, y));
      const [fromX, fromY] = (isThere ? ofFigure : ofGround).from(x, y);
      flowBack.set([fromX - x, fromY - y], 2 * i);
      for (let c = 0; c < 3; c++) {
        first[3 * i + c] = (isHere ? figure : ground)(x, y, c);
        second[3 * i + c] = (isThere ? figure : ground)(fromX, fromY, c);
      }
    }
  }
  return {
    first: float32([height, width, 3], first),
    second: float32([height, width, 3], second),
    flow: float32([height, width, 2], flow),
    flowBack: float32([height, width, 2], flowBack),
    isVisible: float32([height, width], isVisible),
  };
};

/** Made pairs, each a function of its number. */
export const madePairs = (options: PairOptions): Examples<MadePair> => ({
  length: options.length,
  at: (index) => madePair(foldIn(options.key, index), options),
});
