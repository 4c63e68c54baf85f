/**
 * The published optical flow model, on pictures of any size.
 */
import { either as E } from 'fp-ts';
import { float32 } from '../../lib/data/array.js';
import type { Compute } from '../../lib/run/hosts.js';
import { type Area, checkPicture, crop, type Picture, showSize } from '../../lib/media/picture.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import { type ModelOf, preset } from '../preset.js';
import { computing } from '../run.js';
import {
  type FlowConfig,
  flowConfig,
  flowFromColab,
  type FlowNetwork,
  flowNetwork,
  publishedFlow,
} from './flow.js';
import { normalizeFlowImage } from './picture.js';
import { stitch, tiles } from './tiles.js';

/** Two pictures of the same size, one after the other in time. */
export interface FramePair {
  readonly first: Picture;
  readonly second: Picture;
  /** Called before each tile. */
  readonly onProgress?: (tilesDone: number, tiles: number) => void;
}

/** Where each pixel of the first picture goes. */
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
  ({ network }: FlowModel, compute: Compute, { first, second }: FramePair) =>
  async (area: Area): Promise<Float32Array> => {
    const images = [first, second].map((picture) => normalizeFlowImage(crop(picture, area)));
    const values = new Float32Array(2 * images[0].length);
    images.forEach((image, i) => values.set(image, i * image.length));
    const flow = await compute(network, [float32([1, 2, area.height, area.width, 3], values)]);
    return flow.data as Float32Array;
  };

/** Tile by tile; the tiles overlap and are weighted by the distance to their edge. Source: the colab. */
const flowOfPictures =
  (model: FlowModel): FlowModel['run'] =>
  (weights, pair) =>
  async () => {
    const [height, width] = model.config.imageShape;
    const areas = E.chain(() => tiles(pair.first, { width, height }))(check(pair));
    if (E.isLeft(areas)) return areas;
    const data = await computing(weights, (compute) => {
      const flowOf = tileFlow(model, compute, pair);
      return stitch(pair.first, areas.right, (area, done) => {
        pair.onProgress?.(done, areas.right.length);
        return flowOf(area);
      });
    });
    return E.right({ width: pair.first.width, height: pair.first.height, data });
  };

export const flow = preset({
  name: 'flow',
  title: 'Optical flow',
  doc: 'Two pictures of at least 496 × 368 pixels to where each pixel of the first one goes.',
  sources: ['arXiv:2107.14795, section 4.2 and appendix H', "DeepMind's optical flow colab"],
  checkpoint: {
    url: new URL('https://storage.googleapis.com/perceiver_io/optical_flow_checkpoint.pystate'),
    license: 'CC BY 4.0 (DeepMind)',
  },
  notes: [
    'The published 27.9M parameters and 987B FLOPs are those of 16 layers and 1024 latents; the released model has 24 layers, 2048 latents and 41.06M parameters.',
  ],
  codec: flowConfig,
  published: publishedFlow,
  network: flowNetwork,
  inputs: ({ imageShape }) => [{ shape: [1, 2, ...imageShape, 3] }] as const,
  names: { inputs: ['images'], output: 'flow' },
  inputGrid: ({ imageShape }) => ({ shape: imageShape, start: 0 }),
  decodesInParts: true,
  run: flowOfPictures,
  fromHaiku: flowFromColab,
});
