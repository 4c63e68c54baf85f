/**
 * Pictures of any size for a network of one size: overlapping tiles that cover a picture, and the weighted mean of their
 * outputs. A picture of exactly a tile's size is one tile.
 *
 * Source: DeepMind's optical flow colab, `compute_grid_indices` and `compute_optical_flow`. The colab has one tile more for
 * sides that exceed a multiple of (tile − overlap) by 1 to `overlap` pixels. That tile repeats another (for a side of
 * exactly the tile's length) or reaches outside the picture.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type InputError, inputError } from '../../../lib/data/inputError.js';
import { type Area, showSize } from '../../../lib/media/picture.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Fewest pixels that neighbouring tiles share: 20, or half of a tile that has no more. Source: the colab's `min_overlap`. */
const minOverlap = (tile: number): number => (tile > 20 ? 20 : Math.floor(tile / 2));

/**
 * The starts of tiles along one side, in ascending order: as few tiles as cover the side, the last flush with its end.
 * @throws RangeError when the overlap is not less than a tile, or the side is shorter than a tile
 */
export const tileStarts = (length: number, tile: number, overlap = minOverlap(tile)): readonly number[] => {
  if (overlap >= tile) throw new RangeError(`an overlap of ${overlap} is not less than a tile of ${tile}`);
  if (length < tile) throw new RangeError(`a side of ${length} is shorter than a tile of ${tile}`);
  const step = tile - overlap;
  const count = 1 + Math.ceil((length - tile) / step);
  return Array.from({ length: count }, (_, i) => Math.min(i * step, length - tile));
};

/** Tiles that cover a picture, row by row. */
export const tiles = (picture: Size, tile: Size, overlap?: number): E.Either<InputError, readonly Area[]> => {
  if (picture.width < tile.width || picture.height < tile.height) {
    return inputError('images', showSize(picture), `at least ${showSize(tile)}: pad or enlarge them`);
  }
  const lefts = tileStarts(picture.width, tile.width, overlap);
  const tops = tileStarts(picture.height, tile.height, overlap);
  return E.right(tops.flatMap((top) => lefts.map((left) => ({ left, top, ...sizeOnly(tile) }))));
};

const sizeOnly = ({ width, height }: Size): Size => ({ width, height });

/** Weights of a tile's pixels [height, width]: 1 at the border, and 1 more for each pixel of distance to it. */
export const tileWeights = ({ width, height }: Size): Float64Array => {
  const fromEdge = (i: number, length: number) => Math.min(i + 1, length - i);
  const weights = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      weights[y * width + x] = Math.min(fromEdge(x, width), fromEdge(y, height));
    }
  }
  return weights;
};

/** Numbers of a flow vector: pixels to the right, pixels down. */
const flowChannels = 2;

/**
 * The flow of a whole picture from the flows of its tiles. Tiles are asked for one by one; only one is held at a time.
 *
 * @param flowOf    a tile's flow [tile height, tile width, 2], given the tile and the number of tiles before it
 * @param channels  number of values of a pixel, for outputs other than flow
 * @returns         [height, width, channels] float32
 * @throws          RangeError when a tile's flow has another number of values
 */
export const stitch = async (
  picture: Size,
  areas: readonly Area[],
  flowOf: (area: Area, index: number) => ArrayLike<number> | Promise<ArrayLike<number>>,
  channels = flowChannels,
): Promise<Float32Array> => {
  const sums = new Float64Array(picture.height * picture.width * channels);
  const totals = new Float64Array(picture.height * picture.width);
  for (const [index, area] of areas.entries()) {
    addTile({ sums, totals, width: picture.width, channels }, area, await flowOf(area, index));
  }
  return Float32Array.from(sums, (sum, i) => sum / totals[Math.floor(i / channels)]);
};

/** Sums over tiles so far: weighted flows, and weights. */
interface Sums {
  readonly sums: Float64Array;
  readonly totals: Float64Array;
  readonly width: number;
  readonly channels: number;
}

const addTile = ({ sums, totals, width, channels }: Sums, area: Area, flow: ArrayLike<number>): void => {
  const size = area.width * area.height * channels;
  if (flow.length !== size) {
    throw new RangeError(`the flow of a tile of ${showSize(area)} has ${flow.length} values, not ${size}`);
  }
  const weights = tileWeights(area);
  for (let i = 0; i < weights.length; i++) {
    const [x, y] = [i % area.width, Math.floor(i / area.width)];
    const pixel = (area.top + y) * width + area.left + x;
    totals[pixel] += weights[i];
    for (let c = 0; c < channels; c++) {
      sums[channels * pixel + c] += weights[i] * flow[channels * i + c];
    }
  }
};
