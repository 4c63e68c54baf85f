/**
 * Made pairs of frames whose flow is known: textured ellipses over a textured ground, each under an affine motion of its
 * own, so that ellipses cover and uncover parts of what is behind them.
 */
import { float32 } from '../../../lib/data/array.js';
import { type Picture, pixelBytes } from '../../../lib/media/picture.js';
import { foldIn, type Key, randint, uniform } from '../../../lib/random/index.js';
import type { FlowPair } from '../../../lib/train/augment/phases.js';
import type { Examples } from '../../../lib/train/data.js';

/** Writes the three colours of any place, in [-1, 1], to an array. */
type Texture = (x: number, y: number, colours: Float32Array, from: number) => void;

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
  /** The most that turning and stretching moves a pixel for each pixel of distance from the middle; 0.05 if not given. */
  readonly bend?: number;
  /** Pictures to take textures from; smooth noise if not given. A picture goes on beyond its edges from the other side. */
  readonly pictures?: readonly Picture[];
  /** Pixels of a frame for each pixel of a picture: 2 shows pictures twice as large. 1 if not given. */
  readonly zoom?: number;
  /**
   * The fewest and the most ellipses of a pair; [1, 1] if not given. One alone is about a place of the middle half of the
   * image, several are about any place of it, and the later ones are in front.
   */
  readonly figures?: readonly [fewest: number, most: number];
  /** True to turn, mirror and tint the picture of each layer at random, and to weaken its contrast; false if not given. */
  readonly isVaried?: boolean;
}

const wrapped = (i: number, length: number): number => ((i % length) + length) % length;

/** Colours at points of a grid, `stride` numbers for each point, and between the points; beyond its ends it repeats. */
const between =
  (data: ArrayLike<number>, stride: number, width: number, height: number): Texture =>
  (x, y, colours, from) => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const [right, down] = [x - column, y - row];
    const [left, next] = [wrapped(column, width), wrapped(column + 1, width)];
    const [top, below] = [wrapped(row, height) * width, wrapped(row + 1, height) * width];
    for (let c = 0; c < 3; c++) {
      const at = (point: number): number => data[stride * point + c];
      colours[from + c] =
        (1 - down) * ((1 - right) * at(top + left) + right * at(top + next)) +
        down * ((1 - right) * at(below + left) + right * at(below + next));
    }
  };

const clipped = (value: number): number => Math.max(-1, Math.min(1, value));

/** Points of a side of the noise's field. */
const field = 32;

/** Smooth noise: three fields, each finer and weaker than the one before. */
const noise = (key: Key): Texture => {
  const scales = [6, 3, 1.5].map((scale, i) => {
    const values = uniform(foldIn(key, i), [field, field, 3], { min: -1, max: 1 }).data;
    return { scale, at: between(values, 3, field, field) };
  });
  const part = new Float32Array(3);
  return (x, y, colours, from) => {
    colours.fill(0, from, from + 3);
    scales.forEach(({ scale, at }, i) => {
      at(x / scale, y / scale, part, 0);
      for (let c = 0; c < 3; c++) colours[from + c] += part[c] / (i + 1);
    });
    for (let c = 0; c < 3; c++) colours[from + c] = clipped(colours[from + c]);
  };
};

/** Changes of a picture: axes exchanged, mirrored, and a factor and a summand of each colour. */
interface Variation {
  readonly isTurned: boolean;
  readonly sign: number;
  readonly factors: readonly number[];
  readonly summands: readonly number[];
}

const unchanged: Variation = { isTurned: false, sign: 1, factors: [1, 1, 1], summands: [0, 0, 0] };

/** Contrast from 0.5 to 1.2, light and dark exchanged in half of them; colours differ by up to 30 % and 0.3 of 2. */
const variationOf = (key: Key): Variation => {
  const [turned, mirrored, negative, contrast, ...tints] = uniform(key, [10]).data;
  const factor = 0.5 * 2.4 ** contrast * (negative < 0.5 ? -1 : 1);
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
  const at = between(data, pixelBytes, width, height);
  return (x, y, colours, from) => {
    const [column, row] = isTurned ? [y, x] : [x, y];
    at((sign * column) / zoom + left, row / zoom + top, colours, from);
    for (let c = 0; c < 3; c++)
      colours[from + c] = clipped(factors[c] * (colours[from + c] / 127.5 - 1) + summands[c]);
  };
};

/** A motion of at most `most` pixels, with a little turning and stretching. */
const motionOf = (key: Key, { height, width, most = 3, bend = 0.05 }: PairOptions): Motion => {
  const [across, down, ...bends] = uniform(key, [6], { min: -1, max: 1 }).data;
  const [a, b, d, e] = [1 + bends[0] * bend, bends[1] * bend, bends[2] * bend, 1 + bends[3] * bend];
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

/** A part of the scene: its texture, its motion, and the places of the first frame that it covers. */
interface Layer {
  readonly texture: Texture;
  readonly motion: Motion;
  readonly covers: (x: number, y: number) => boolean;
}

/** An ellipse about a place of the middle half of the image, or about any place of it. */
const ellipse = (key: Key, { height, width }: PairOptions, isAnywhere: boolean): Layer['covers'] => {
  const [x0, y0, rx, ry] = uniform(key, [4]).data;
  const within = (share: number): number => (isAnywhere ? share : 0.25 + share / 2);
  const [middleX, middleY] = [width * within(x0), height * within(y0)];
  const [radiusX, radiusY] = [width * (0.15 + rx / 5), height * (0.15 + ry / 5)];
  return (x, y) => ((x - middleX) / radiusX) ** 2 + ((y - middleY) / radiusY) ** 2 < 1;
};

/** The ground and the ellipses over it, each farther in front than the one before. */
const layersOf = (own: Key, options: PairOptions): readonly Layer[] => {
  const { pictures = [], figures: [fewest, most] = [1, 1] } = options;
  const texture = (key: Key): Texture => {
    if (pictures.length === 0) return noise(key);
    const choice = randint(foldIn(key, 9), [], 0, pictures.length).data[0];
    return ofPicture(pictures[choice], key, options);
  };
  const count = randint(foldIn(own, 5), [], fewest, most + 1).data[0];
  const ground = {
    texture: texture(foldIn(own, 0)),
    motion: motionOf(foldIn(own, 2), options),
    covers: () => true,
  };
  const figures = Array.from({ length: count }, (_, k) => ({
    texture: texture(foldIn(own, 10 * k + 1)),
    motion: motionOf(foldIn(own, 10 * k + 3), options),
    covers: ellipse(foldIn(own, 10 * k + 4), options, count > 1),
  }));
  return [ground, ...figures];
};

/** One pair: frames [H, W, 3] in [-1, 1], flow [H, W, 2] in pixels to the right and down, isVisible [H, W]. */
const madePair = (own: Key, options: PairOptions): MadePair => {
  const { height, width } = options;
  const layers = layersOf(own, options);
  /** The front layer at a place of the first frame, and of the second. */
  const frontIn = [
    (x: number, y: number) => layers.findLast(({ covers }) => covers(x, y))!,
    (x: number, y: number) => layers.findLast(({ covers, motion }) => covers(...motion.from(x, y)))!,
  ];
  const size = height * width;
  const [first, second] = [new Float32Array(3 * size), new Float32Array(3 * size)];
  const [flow, flowBack] = [new Float32Array(2 * size), new Float32Array(2 * size)];
  const isVisible = new Float32Array(size);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [here, there] = frontIn.map((front) => front(x, y));
      const [toX, toY] = here.motion.to(x, y);
      flow.set([toX - x, toY - y], 2 * i);
      const isInside = toX >= 0 && toY >= 0 && toX <= width - 1 && toY <= height - 1;
      isVisible[i] = isInside && frontIn[1](toX, toY) === here ? 1 : 0;
      const [fromX, fromY] = there.motion.from(x, y);
      flowBack.set([fromX - x, fromY - y], 2 * i);
      here.texture(x, y, first, 3 * i);
      there.texture(fromX, fromY, second, 3 * i);
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
