/**
 * MixUp and CutMix of batches, as DeepMind's training of the ImageNet models has them: two fresh batches make one, and
 * labels become shares of classes.
 */
import { expectKnown } from '../../data/nearest.js';
import { float32, type HostArray, sizeOf, toFloat32 } from '../../data/array.js';
import { count, positive } from '../../data/config.js';
import { showShape } from '../../data/shape.js';
import { beta, foldIn, type Key, randint, split, uniform } from '../../random/index.js';
import { type Arrays, type Batched, batches, type Data, type Examples, mapData } from '../data.js';
import { expectOptions, given } from '../options.js';

/** Images [B, H, W, C] and labels [B]. */
interface Labelled {
  readonly image: HostArray;
  readonly label: HostArray;
}

export interface MixOptions {
  /** Examples of a batch after mixing. */
  readonly batchSize: number;
  readonly numClasses: number;
  /** The α of MixUp's Beta(α, α); no MixUp if not given. */
  readonly mixupAlpha?: number;
  /** Mixes by rectangles; false if not given. With MixUp each makes half of the batch. */
  readonly cutmix?: boolean;
}

/** @throws RangeError for a mixing of neither kind, and for both with a batch that has no halves */
const expectMix = (where: string, options: MixOptions): void => {
  const { batchSize, numClasses, mixupAlpha, cutmix: isCut = false } = options;
  expectKnown(where, options, ['batchSize', 'numClasses', 'mixupAlpha', 'cutmix']);
  expectOptions(where, {
    batchSize: [batchSize, count],
    numClasses: [numClasses, count],
    ...given({ mixupAlpha: [mixupAlpha, positive] }),
  });
  if (mixupAlpha === undefined && !isCut)
    throw new RangeError(`${where}: found neither mixupAlpha nor cutmix, expected one of them or both`);
  if (mixupAlpha !== undefined && isCut && batchSize % 2 !== 0)
    throw new RangeError(`${where}: batchSize is ${batchSize}, expected an even number for two kinds`);
};

/** A rectangle of pixels: first and last-but-one columns and rows. */
export interface CutBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * A rectangle for CutMix. Its centre is uniform over the image, its area uniform before it is cut at the borders.
 * Source: deepmind-research `perceiver/train/dataset.py`, `cutmix_padding`; arXiv:1905.04899.
 */
export const cutBox = (key: Key, height: number, width: number): CutBox => {
  const [xKey, yKey, areaKey] = split(key, 3);
  const [x, y] = [randint(xKey, [], 0, width).data[0], randint(yKey, [], 0, height).data[0]];
  const ratio = Math.sqrt(1 - uniform(areaKey, []).data[0]);
  const span = (centre: number, length: number): readonly [number, number] => {
    const half = Math.floor(Math.trunc(ratio * length) / 2);
    return [Math.max(0, centre - half), Math.min(length, centre + half)];
  };
  const [[left, right], [top, bottom]] = [span(x, width), span(y, height)];
  return { left, right, top, bottom };
};

/** One mixed example: its pixels, and the share of the first image. */
type Mixed = readonly [pixels: Float32Array, share: number];

const mixup = (a: Float32Array, b: Float32Array, key: Key, alpha: number): Mixed => {
  const [ratio] = beta(key, alpha, alpha, []).data;
  return [a.map((value, i) => ratio * value + (1 - ratio) * b[i]), ratio];
};

/** The first image inside of a rectangle, the second one around it; the share is that of the rectangle as it was cut. */
const cutmix = (a: Float32Array, b: Float32Array, key: Key, shape: readonly number[]): Mixed => {
  const [height, width, channels] = shape;
  const { left, right, top, bottom } = cutBox(key, height, width);
  const pixels = b.slice();
  for (let y = top; y < bottom; y++) {
    const [start, end] = [left, right].map((x) => (y * width + x) * channels);
    pixels.set(a.subarray(start, end), start);
  }
  return [pixels, ((bottom - top) * (right - left)) / (height * width)];
};

/**
 * Two batches as one: a batch of 2·B examples, whose first half is mixed with its second; with both kinds, MixUp makes
 * the first B / 2 of the first half of the examples, CutMix the others of the second half.
 * @returns images [B, H, W, C], labels [B, classes] that sum to 1
 * @throws RangeError where neither kind is asked for, or both and B is odd; for other shapes, and labels outside of the
 *   classes
 */
export const mixBatch = <B extends Batched<Labelled>>(
  batch: B,
  key: Key,
  options: MixOptions,
): Batched<Labelled> => {
  const { batchSize, numClasses, mixupAlpha, cutmix: isCut = false } = options;
  expectMix('mixBatch', options);
  const [found, ...shape] = batch.image.shape;
  if (shape.length !== 3 || found !== 2 * batchSize || batch.label.data.length !== found) {
    throw new RangeError(
      `mixBatch: images are ${showShape(batch.image.shape)} and labels ${showShape(batch.label.shape)}, ` +
        `expected ${2 * batchSize} of each for a batch of ${batchSize}: [${2 * batchSize}, H, W, C] and [${2 * batchSize}]`,
    );
  }
  const classOf = (i: number): number => {
    const label = Number(batch.label.data[i]);
    if (Number.isInteger(label) && label >= 0 && label < numClasses) return label;
    throw new RangeError(
      `mixBatch: label ${label} of example ${i}: expected an integer from 0 to ${numClasses - 1}; classes count from 0`,
    );
  };
  const size = sizeOf(shape);
  const pixels = toFloat32(batch.image);
  const image = (i: number): Float32Array => pixels.subarray(i * size, (i + 1) * size);
  const both = mixupAlpha !== undefined && isCut;
  // DeepMind pairs example i with i + B / 2 inside of each half where there are both kinds, and with i + B elsewhere.
  const half = both ? batchSize / 2 : batchSize;
  const [images, labels] = [new Float32Array(batchSize * size), new Float32Array(batchSize * numClasses)];
  for (let i = 0; i < batchSize; i++) {
    const first = i < half ? i : 2 * half + (i - half);
    const second = first + half;
    const own = foldIn(key, i);
    const isMixup = mixupAlpha !== undefined && i < half;
    const [mixed, share] = isMixup
      ? mixup(image(first), image(second), own, mixupAlpha)
      : cutmix(image(first), image(second), own, shape);
    images.set(mixed, i * size);
    labels[i * numClasses + classOf(first)] += share;
    labels[i * numClasses + classOf(second)] += 1 - share;
  }
  return {
    image: float32([batchSize, ...shape], images),
    label: float32([batchSize, numClasses], labels),
    exampleWeights: float32([batchSize], new Float32Array(batchSize).fill(1)),
  };
};

/**
 * Batches of mixed examples: each takes two batches of fresh ones, so that an epoch has half as many.
 * @throws RangeError where neither kind is asked for, or both and the batch is odd
 * @example mixedBatches(examples, { batchSize: 32, numClasses: 1000, mixupAlpha: 0.2, cutmix: true })
 * Source: deepmind-research `perceiver/train/dataset.py`, `my_mixup_cutmix`.
 */
export const mixedBatches = <E extends Labelled & Arrays<E>>(
  examples: Examples<E>,
  options: MixOptions,
): Data<Batched<Labelled>> => {
  expectMix('mixedBatches', options);
  return mapData(batches(examples, { batchSize: 2 * options.batchSize }), (batch, _, key) =>
    mixBatch(batch, key, options),
  );
};
