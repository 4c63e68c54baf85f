/**
 * Pairs of frames to train `motion` on, made of pictures that come with the package, and held-out pairs, made of other
 * pictures. No preset imports this module, since bundlers carry along every file that a module refers to.
 */
import type { HostArray } from '../../../lib/data/array.js';
import { type Picture, pictureOf } from '../../../lib/media/picture.js';
import { key } from '../../../lib/random/index.js';
import type { Examples } from '../../../lib/train/data.js';
import type { FlowPair } from '../../../lib/train/augment/phases.js';
import { blockMatching } from '../../flow/recipe/blockMatching.js';
import { type MadePair, madePairs, type PairOptions } from '../../flow/recipe/pairs.js';

/** Pictures to train on: an `.npz` of `camera`, `grass` and `gravel`, grey, and `chelsea`, in colour. */
export const trainingTextures = new URL('../textures-train.npz', import.meta.url);

/** Pictures by name: bytes [H, W] or [H, W, 3]. */
type Textures = Readonly<Record<string, HostArray>>;

const pictureIn = ({ shape, data }: HostArray): Picture => {
  const [height, width, channels = 1] = shape;
  return pictureOf(width, height, (x, y) => {
    const [red, green, blue] = [0, 1, 2].map((c) =>
      Number(data[channels * (y * width + x) + (c % channels)]),
    );
    return [red, green, blue];
  });
};

/** Motions of both layers: at most 1.5 pixels of each direction, turned and stretched by at most 2 %. */
const motions = { most: 1.5, bend: 0.02 };

const pairsOf = (
  textures: Textures,
  [height, width]: readonly number[],
  options: Pick<PairOptions, 'length' | 'isVaried' | 'figures'> & { readonly seed: number },
): Examples<MadePair> =>
  madePairs({
    height,
    width,
    ...motions,
    ...options,
    key: key(options.seed),
    pictures: Object.values(textures).map(pictureIn),
    zoom: 2,
  });

/** Pairs to train on, made of pictures that are turned, mirrored and tinted: one to three ellipses. */
export const trainingPairs = (textures: Textures, imageShape: readonly number[]): Examples<MadePair> =>
  pairsOf(textures, imageShape, { length: 50_000, seed: 1, isVaried: true, figures: [1, 3] });

/** Pairs for the first part of the training: several ellipses, so that no motion of the whole frame is a good guess. */
export const crowdedPairs = (textures: Textures, imageShape: readonly number[]): Examples<MadePair> =>
  pairsOf(textures, imageShape, { length: 50_000, seed: 3, isVaried: true, figures: [3, 6] });

/** Pairs to judge by, made of pictures as they are. */
export const heldOutPairs = (textures: Textures, imageShape: readonly number[]): Examples<MadePair> =>
  pairsOf(textures, imageShape, { length: 256, seed: 2, isVaried: false });

/**
 * A pair's flow by block matching, with the settings that do best on pairs to train on: blocks of 5 (of 3, 5, 7 and 9), and
 * motions of at most 2 pixels (of 2 and 3).
 */
export const matched = ({ first, second }: FlowPair): HostArray<'float32'> =>
  blockMatching(first, second, { block: 5, reach: 2 });
