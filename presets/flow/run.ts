/**
 * Two pictures of any size to their optical flow, tile by tile. Source: DeepMind's optical flow colab.
 */
import * as E from 'fp-ts/lib/Either.js';
import { float32 } from '../../lib/data/array.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import { type Area, checkPicture, crop, type Picture, showSize } from '../../lib/media/picture.js';
import type { Runner } from '../../lib/run/runner.js';
import type { ModelOf, Run } from '../preset.js';
import type { FlowConfig, FlowNetwork } from './network.js';
import { normalizeFlowImage } from './run/colours.js';
import { stitch, tiles } from './run/tiles.js';

/** Two pictures of the same size, one after the other in time. */
export interface FramePair {
  readonly first: Picture;
  readonly second: Picture;
}

/** The optical flow: for each pixel of the first picture, the way to its place in the second. */
export interface Flow {
  readonly width: number;
  readonly height: number;
  /** Pixels to the right, pixels down: [height, width, 2]. */
  readonly data: Float32Array;
}

type FlowModel = ModelOf<FlowConfig, FlowNetwork, FramePair, Flow>;

const check = ({ first, second }: FramePair): E.Either<InputError, true> => {
  for (const [where, picture] of [
    ['the first picture', first],
    ['the second picture', second],
  ] as const) {
    const checked = checkPicture(where, picture);
    if (E.isLeft(checked)) return checked;
  }
  return first.width === second.width && first.height === second.height
    ? E.right(true)
    : inputError('the second picture', showSize(second), `${showSize(first)}, as the first`);
};

const tileFlow =
  (runner: Pick<Runner, 'run'>, network: FlowNetwork, { first, second }: FramePair) =>
  async (area: Area): Promise<Float32Array> => {
    const images = [first, second].map((picture) => normalizeFlowImage(crop(picture, area)));
    const values = new Float32Array(2 * images[0].length);
    images.forEach((image, i) => values.set(image, i * image.length));
    const flow = await runner.run(network, [float32([1, 2, area.height, area.width, 3], values)]);
    return flow.data as Float32Array;
  };

/** Computes the flow tile by tile. Tiles overlap and are weighted by the distance to their edge. Source: the colab. */
export const flowOfPictures =
  ({ config, network }: FlowModel): Run<FramePair, Flow> =>
  (runner, pair, { onProgress }) =>
  async () => {
    const [height, width] = config.imageShape;
    const areas = E.chain(() => tiles(pair.first, { width, height }))(check(pair));
    if (E.isLeft(areas)) return areas;
    const flowOf = tileFlow(runner, network, pair);
    const data = await stitch(pair.first, areas.right, (area, done) => {
      onProgress?.(done, areas.right.length);
      return flowOf(area);
    });
    return E.right({ width: pair.first.width, height: pair.first.height, data });
  };
