/**
 * Held-out pairs of the demonstration: the small flow model beside block matching and beside no motion at all.
 */
import { float32, type HostArray, toFloat32 } from '../../lib/data/array.js';
import { key } from '../../lib/random/index.js';
import { engineRunner } from '../../lib/run/index.js';
import { stackExamples } from '../../lib/train/data.js';
import { meanEndPointError } from '../../lib/train/metrics.js';
import { heldOutPairs, matched } from '../../presets/motion/recipe/data.js';
import { motion } from '../../presets/motion/preset.js';
import { loadWeights } from '../load.js';
import { readArrays } from './readArrays.js';
import { heldOutTextures } from '../../presets/motion/verify.js';

/** Mean distances of flows from the known ones, in pixels. */
export interface MotionFigures {
  readonly pairs: number;
  readonly model: number;
  readonly blockMatching: number;
  readonly withoutMotion: number;
}

/** Both frames of pairs as the network takes them: [B, 2, H, W, 3]. */
const imagesOf = (first: HostArray, second: HostArray): HostArray => {
  const [count, ...frame] = first.shape;
  const size = first.data.length / count;
  const images = new Float32Array(2 * first.data.length);
  for (let n = 0; n < count; n++)
    [first, second].forEach((frames, i) =>
      images.set(toFloat32(frames).subarray(n * size, (n + 1) * size), (2 * n + i) * size),
    );
  return float32([count, 2, ...frame], images);
};

/** Judges the trained model on the first held-out pairs, or on all of them. */
export const judgeMotion = async (count?: number): Promise<MotionFigures> => {
  const model = motion();
  const all = heldOutPairs(await readArrays(heldOutTextures), model.config.imageShape);
  const pairs = await Promise.all(Array.from({ length: count ?? all.length }, (_, i) => all.at(i, key(0))));
  await using runner = engineRunner(await loadWeights(model, {}));
  const { first, second, flow } = stackExamples(pairs);
  const found = await runner.run(model.network, [imagesOf(first, second)]);
  const matching = stackExamples(pairs.map((pair) => ({ flow: matched(pair) })));
  const none = float32(flow.shape, new Float32Array(flow.data.length));
  const distance = (of: HostArray): number => meanEndPointError(of, flow).value;
  return {
    pairs: pairs.length,
    model: distance(found as HostArray),
    blockMatching: distance(matching.flow),
    withoutMotion: distance(none),
  };
};

const pixels = (n: number): string => n.toFixed(2);

/** The figures of all held-out pairs. */
export const showMotion = async (): Promise<string> => {
  const { pairs, model, blockMatching, withoutMotion } = await judgeMotion();
  return [
    `Optical flow of ${pairs} held-out pairs of 32 × 32 pixels: off by ${pixels(model)} pixels on average,`,
    `block matching by ${pixels(blockMatching)}, no motion at all by ${pixels(withoutMotion)}.`,
  ].join('\n');
};
