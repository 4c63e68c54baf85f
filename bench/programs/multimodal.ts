/**
 * The autoencoder of video, audio and a label on any engine's operations: a clip encoded, and some of its elements
 * decoded. The label is masked, as in the original's evaluation.
 */
import type { Fourier, Ops, Program } from '../ops.js';
import type { Points } from '../work.js';
import { crossAttention, encoder, type EncoderSizes, linear, trained } from './blocks.js';
import { positioned, positions, spaceToDepth } from './images.js';

export interface MultimodalSizes {
  readonly numFrames: number;
  /** Patches in height and in width of a frame. */
  readonly patchGrid: number;
  readonly samplesPerFrame: number;
  readonly samplesPerPatch: number;
  readonly numClasses: number;
  readonly imageBands: number;
  readonly audioBands: number;
  readonly outputChannels: number;
  readonly labelQueryChannels: number;
  readonly encoder: EncoderSizes;
  /** The points to decode. */
  readonly points: Points;
}

/** Source: DeepMind's video autoencoding colab, whose chunks are 6272 pixels and 15 patches of audio. */
export const publishedMultimodal: MultimodalSizes = {
  numFrames: 16,
  patchGrid: 56,
  samplesPerFrame: 1920,
  samplesPerPatch: 16,
  numClasses: 700,
  imageBands: 32,
  audioBands: 192,
  outputChannels: 512,
  labelQueryChannels: 1024,
  encoder: {
    numLatents: 784,
    numLatentChannels: 512,
    numBlocks: 1,
    numSelfAttendsPerBlock: 8,
    numSelfAttendHeads: 8,
    numCrossAttendHeads: 1,
  },
  points: { image: { first: 6272 * 64, count: 6272 }, audio: { first: 15 * 64, count: 15 } },
};

const channelsOf = <T>(ops: Ops<T>, x: T): number => ops.shapeOf(x)[2];

/** Padded to a width with the same trained channels for every element. [1, M, width] */
const padTo = <T>(ops: Ops<T>, path: string, x: T, width: number): T => {
  const missing = width - channelsOf(ops, x);
  return ops.concat([x, ops.broadcast(trained(ops, path, 1, missing), [1, ops.shapeOf(x)[1], missing])], 2);
};

const soundFeatures = (sizes: MultimodalSizes): Fourier => {
  const samples = sizes.numFrames * sizes.samplesPerFrame;
  return {
    indexDims: [samples / sizes.samplesPerPatch],
    maxResolution: [samples],
    numBands: sizes.audioBands,
  };
};

const videoFeatures = ({ numFrames, patchGrid, imageBands }: MultimodalSizes, scale: number): Fourier => ({
  indexDims: [numFrames, scale * patchGrid, scale * patchGrid],
  maxResolution: [numFrames, patchGrid, patchGrid],
  numBands: imageBands,
});

/** [1, elements, 704] */
const preprocess = <T>(ops: Ops<T>, [image, audio]: readonly T[], sizes: MultimodalSizes): T => {
  const side = 4 * sizes.patchGrid;
  const frames = spaceToDepth(ops, ops.reshape(image, [sizes.numFrames, side, side, 3]), 4);
  const seen = positioned(ops, ops.reshape(frames, [1, -1, 48]), positions(ops, videoFeatures(sizes, 1)));
  const patches = ops.reshape(audio, [1, -1, sizes.samplesPerPatch]);
  const heard = positioned(ops, patches, positions(ops, soundFeatures(sizes)));
  const width = Math.max(channelsOf(ops, seen), channelsOf(ops, heard), sizes.numClasses) + 4;
  const path = 'multimodal_preprocessor';
  const label = trained(ops, `${path}/label_mask_token`, 1, width);
  return ops.concat(
    [
      padTo(ops, `${path}/audio_padding`, heard, width),
      padTo(ops, `${path}/image_padding`, seen, width),
      label,
    ],
    1,
  );
};

/** [1, points, 1026] */
const queriesOf = <T>(ops: Ops<T>, sizes: MultimodalSizes): T => {
  const { image, audio } = sizes.points;
  const heard = positions(ops, { ...soundFeatures(sizes), points: audio });
  const seen = positions(ops, { ...videoFeatures(sizes, 4), points: image });
  const label = 'classification_decoder/~/basic_decoder/~/trainable_position_encoding';
  const named = trained(ops, label, 1, sizes.labelQueryChannels);
  const width = Math.max(channelsOf(ops, heard), channelsOf(ops, seen), channelsOf(ops, named)) + 2;
  const path = 'multimodal_decoder/~decoder_query';
  return ops.concat(
    [
      padTo(ops, `${path}/audio_padding`, heard, width),
      padTo(ops, `${path}/image_padding`, seen, width),
      padTo(ops, `${path}/label_padding`, named, width),
    ],
    1,
  );
};

/** Outputs: image [1, points, 3], audio [1, samples], label [1, classes]. */
export const multimodal =
  (sizes: MultimodalSizes): Program =>
  <T>(ops: Ops<T>, inputs: readonly T[]) => {
    const elements = ops.scope(() => preprocess(ops, inputs, sizes));
    const queries = ops.scope(() => queriesOf(ops, sizes));
    const z = encoder(ops, 'encoder', sizes.encoder, elements);
    const latents = sizes.encoder.numLatentChannels;
    const output = channelsOf(ops, queries);
    const widths = { heads: 1, qk: latents, v: latents, output, useQueryResidual: false };
    const path = 'multimodal_decoder/~/basic_decoder';
    const attended = crossAttention(ops, `${path}/cross_attention`, widths, queries, z);
    const decoded = linear(ops, `${path}/output`, attended, sizes.outputChannels);
    const { image, audio } = sizes.points;
    const part = (start: number, size: number) => ops.slice(decoded, 1, start, size);
    const heard = part(0, audio.count);
    const samples = linear(ops, 'audio_postprocessor/linear', heard, sizes.samplesPerPatch);
    const pixels = linear(ops, 'projection_postprocessor/linear', part(audio.count, image.count), 3);
    const named = part(audio.count + image.count, 1);
    const logits = linear(ops, 'classification_postprocessor/linear', named, sizes.numClasses);
    return [
      pixels,
      ops.reshape(samples, [1, audio.count * sizes.samplesPerPatch]),
      ops.reshape(logits, [1, sizes.numClasses]),
    ];
  };
