/**
 * The three ImageNet classifiers on any engine's operations: images [B, H, W, 3] to logits [B, classes].
 */
import type { Ops, Program } from '../ops.js';
import { crossAttention, encoder, type EncoderSizes, linear, trained } from './blocks.js';
import { convDownsample, pointwiseConv, positioned, positions } from './images.js';

export type Preprocessing = 'fourier' | 'learned' | 'conv';

export interface ImagenetSizes {
  readonly imageSize: number;
  readonly numClasses: number;
  readonly preprocessing: Preprocessing;
  /** Frequencies for each dimension, where there are any. */
  readonly numBands: number;
  /** Channels of what is convolved, where there is such. */
  readonly numChannels: number;
  readonly encoder: EncoderSizes;
  /** True if batch norm takes the batch's own statistics. */
  readonly isTraining?: boolean;
}

/** Source: arXiv:2107.14795, section 4.5 and appendix A. */
export const publishedImagenet = (preprocessing: Preprocessing): ImagenetSizes => ({
  imageSize: 224,
  numClasses: 1000,
  preprocessing,
  numBands: 64,
  numChannels: preprocessing === 'learned' ? 256 : 64,
  encoder: {
    numLatents: 512,
    numLatentChannels: 1024,
    numBlocks: 8,
    numSelfAttendsPerBlock: 6,
    numSelfAttendHeads: 8,
    numCrossAttendHeads: 1,
  },
});

const learnedPositions = <T>(ops: Ops<T>, size: number, channels: number): T => {
  const path = 'image_preprocessor/~_build_network_inputs';
  const vectors = trained(ops, `${path}/trainable_position_encoding`, size, channels);
  return linear(ops, `${path}/position_encoding_projector/linear`, vectors, channels);
};

/** [B, M, C] */
const preprocess = <T>(ops: Ops<T>, images: T, sizes: ImagenetSizes): T => {
  const { imageSize, numBands, numChannels } = sizes;
  const encoded = (size: number): T =>
    positions(ops, { indexDims: [size, size], maxResolution: [size, size], numBands });
  switch (sizes.preprocessing) {
    case 'fourier':
      return positioned(ops, images, encoded(imageSize));
    case 'learned': {
      const features = pointwiseConv(ops, 'image_preprocessor/~/conv2_d', images, numChannels);
      return positioned(ops, features, learnedPositions(ops, imageSize ** 2, numChannels));
    }
    case 'conv': {
      const path = 'image_preprocessor/~/conv2_d_downsample';
      const features = convDownsample(ops, path, images, numChannels, sizes.isTraining);
      return positioned(ops, features, encoded(ops.shapeOf(features)[1]));
    }
  }
};

export const imagenet =
  (sizes: ImagenetSizes): Program =>
  <T>(ops: Ops<T>, [images]: readonly T[]) => {
    const inputs = ops.scope(() => preprocess(ops, images, sizes));
    const z = encoder(ops, 'perceiver_encoder', sizes.encoder, inputs);
    const path = 'classification_decoder/~/basic_decoder';
    const channels = sizes.encoder.numLatentChannels;
    const [batch] = ops.shapeOf(images);
    const query = trained(ops, `${path}/~/trainable_position_encoding`, 1, channels, batch);
    const useQueryResidual = sizes.preprocessing !== 'learned';
    const widths = { heads: 1, qk: channels, v: channels, output: channels, useQueryResidual };
    const attended = crossAttention(ops, `${path}/cross_attention`, widths, query, z);
    const logits = linear(ops, `${path}/output`, attended, sizes.numClasses);
    return [ops.reshape(logits, [batch, sizes.numClasses])];
  };
