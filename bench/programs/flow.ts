/**
 * The optical flow model on any engine's operations: a pair of images [1, 2, H, W, 3] to flow [1, H, W, 2].
 */
import type { Ops, Program } from '../ops.js';
import { crossAttention, encoder, type EncoderSizes, linear } from './blocks.js';
import { neighbourhoods, pairs, positioned, positions } from './images.js';

export interface FlowSizes {
  readonly imageShape: readonly [height: number, width: number];
  readonly numBands: number;
  readonly featureChannels: number;
  readonly encoder: EncoderSizes;
}

/** Source: DeepMind's optical flow colab; arXiv:2107.14795, section 4.2. */
export const publishedFlow: FlowSizes = {
  imageShape: [368, 496],
  numBands: 64,
  featureChannels: 64,
  encoder: {
    numLatents: 2048,
    numLatentChannels: 512,
    numBlocks: 1,
    numSelfAttendsPerBlock: 24,
    numSelfAttendHeads: 16,
    numCrossAttendHeads: 1,
  },
};

export const flow =
  ({ imageShape, numBands, featureChannels, encoder: sizes }: FlowSizes): Program =>
  <T>(ops: Ops<T>, [images]: readonly T[]) => {
    const [height, width] = imageShape;
    const inputs = ops.scope(() => {
      const patches = pairs(ops, neighbourhoods(ops, ops.reshape(images, [2, height, width, 3])));
      const features = linear(ops, 'image_preprocessor/patches_linear', patches, featureChannels);
      const encoding = positions(ops, { indexDims: imageShape, maxResolution: imageShape, numBands });
      return positioned(ops, features, encoding);
    });
    const z = encoder(ops, 'perceiver_encoder', sizes, inputs);
    const path = 'flow_decoder/~/basic_decoder';
    const latents = sizes.numLatentChannels;
    const output = ops.shapeOf(inputs)[2];
    const widths = { heads: 1, qk: latents, v: latents, output, useQueryResidual: false };
    const attended = crossAttention(ops, `${path}/cross_attention`, widths, inputs, z);
    // Divided by 100 in the decoder, multiplied by 20 to be in pixels.
    const rescaled = ops.scale(ops.scale(linear(ops, `${path}/output`, attended, 2), 1 / 100), 20);
    return [ops.reshape(rescaled, [1, height, width, 2])];
  };
