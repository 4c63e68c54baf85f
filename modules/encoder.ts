/**
 * The Perceiver encoder: trained latents attend to the input and to themselves. In Perceiver IO they attend to the input
 * once and their blocks share weights; in the first Perceiver they attend to it again before later blocks.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  type ConfigOf,
  count,
  depth,
  flag,
  oneOf,
  optional,
  type OptionsFor,
  positive,
  probability,
  withDefault,
} from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import type { Scope } from '../lib/language/scope.js';
import { expectDivisible } from '../lib/data/shape.js';
import { crossMask } from './attend.js';
import { crossAttention } from './crossAttention.js';
import { activation } from './mlp.js';
import { selfAttention } from './selfAttention.js';
import { trainablePosition } from './trainablePosition.js';

const source = 'perceiver.py `PerceiverEncoder`';

/** Most self-attention layers that inputs go through, repeated ones counted each time. */
const mostLayers = 512;

export const encoderConfig = config(
  'encoder',
  'The Perceiver encoder.',
  {
    numLatents: withDefault(count, 512, { doc: 'Number of latent vectors, N in the paper.', source }),
    numLatentChannels: withDefault(count, 1024, { doc: 'Width of the latents, D in the paper.', source }),
    numBlocks: withDefault(depth, 8, {
      doc: 'Number of times that the block of self-attentions is applied, with the same weights unless shareWeights is false.',
      source,
    }),
    numCrossAttends: withDefault(depth, 1, {
      doc: 'Number of blocks, from the first on, that begin with a cross-attention to the input; at most numBlocks.',
      source: 'arXiv:2103.03206, section 3.1',
    }),
    shareWeights: withDefault(flag, true, {
      doc: 'True for blocks with the same weights; cross-attentions after the first then share theirs, too. False for weights of its own in each.',
      source: 'arXiv:2103.03206, section 3.1',
    }),
    numSelfAttendsPerBlock: withDefault(depth, 6, {
      doc: 'Self-attention layers in a block, each with weights of its own.',
      source,
    }),
    numSelfAttendHeads: withDefault(count, 8, {
      doc: 'Heads of each self-attention; divides numLatentChannels.',
      source,
    }),
    numCrossAttendHeads: withDefault(count, 1, {
      doc: 'Heads of the cross-attention; divides numLatentChannels.',
      source,
    }),
    selfAttendWideningFactor: withDefault(count, 1, {
      doc: "Width of the self-attentions' MLP, in latent widths.",
      source,
    }),
    crossAttendWideningFactor: withDefault(count, 1, {
      doc: "Width of the cross-attention's MLP, in latent widths.",
      source,
    }),
    crossAttendWidthFrom: withDefault(oneOf('kv', 'q'), 'kv', {
      doc: "Default width of the cross-attention's queries and keys: the input's (kv) or the latents' (q).",
      source: `${source}, cross_attention_shape_for_attn`,
    }),
    qkChannels: optional(count, {
      doc: 'Width of queries and keys in every attention; if not given, the default of each attention layer.',
      source,
    }),
    vChannels: optional(count, {
      doc: 'Width of values in every attention; qkChannels if not given.',
      source,
    }),
    useQueryResidual: withDefault(flag, true, {
      doc: 'True to add the latents to the attended values.',
      source,
    }),
    dropoutRate: withDefault(probability, 0, {
      doc: 'Dropout after each attention and in each MLP, in training.',
      source,
    }),
    latentInitScale: withDefault(positive, 0.02, {
      doc: 'Standard deviation of the truncated normal that latents begin with.',
      source,
    }),
    activation,
  },
  ({ numBlocks, numSelfAttendsPerBlock, numCrossAttends }) =>
    (numBlocks * numSelfAttendsPerBlock > mostLayers && {
      path: 'numBlocks',
      found: numBlocks,
      expected: `numBlocks · numSelfAttendsPerBlock of at most ${mostLayers}`,
    }) ||
    (numCrossAttends > numBlocks && {
      path: 'numCrossAttends',
      found: numCrossAttends,
      expected: `at most numBlocks, ${numBlocks}`,
    }),
);
type EncoderConfig = ConfigOf<typeof encoderConfig>;
export type EncoderOptions = OptionsFor<typeof encoderConfig>;

export type Encoder = {
  /** inputs [B, M, C], latents [B, N, D], inputMask [B, M] to [B, N, D]. */
  readonly call: (inputs: tf.Tensor, latents: tf.Tensor, inputMask?: tf.Tensor) => tf.Tensor3D;
  /** The latents that encoding begins with: [B, N, D]. */
  readonly latents: (batch: number) => tf.Tensor3D;
};

const declareCross = (s: Scope, config: EncoderConfig) =>
  s.declare(
    crossAttention({
      numHeads: config.numCrossAttendHeads,
      wideningFactor: config.crossAttendWideningFactor,
      widthFrom: config.crossAttendWidthFrom,
      useQueryResidual: config.useQueryResidual,
      qkChannels: config.qkChannels,
      vChannels: config.vChannels,
      dropoutRate: config.dropoutRate,
      activation: config.activation,
    }),
  );

const declareSelf = (s: Scope, config: EncoderConfig) =>
  s.declare(
    selfAttention({
      numHeads: config.numSelfAttendHeads,
      wideningFactor: config.selfAttendWideningFactor,
      qkChannels: config.qkChannels,
      vChannels: config.vChannels,
      dropoutRate: config.dropoutRate,
      activation: config.activation,
    }),
  );

/** The blocks in the order in which they run; those that share weights hold the same layers. */
const declareBlocks = (s: Scope, config: EncoderConfig) => {
  const { numBlocks, numCrossAttends, shareWeights } = config;
  const declareBlock = () =>
    Array.from({ length: config.numSelfAttendsPerBlock }, () => declareSelf(s, config));
  const first = { cross: declareCross(s, config), selfs: declareBlock() };
  const again = numCrossAttends > 1 && shareWeights ? declareCross(s, config) : undefined;
  const later = Array.from({ length: numBlocks - 1 }, (_, i) => {
    const attends = i + 1 < numCrossAttends;
    if (shareWeights) return { cross: attends ? again : undefined, selfs: first.selfs };
    return { cross: attends ? declareCross(s, config) : undefined, selfs: declareBlock() };
  });
  return [first, ...later];
};

/**
 * The encoder, with the methods `latents` and `call`.
 * @throws ShapeError when the heads do not divide the latents' width
 * Source: perceiver.py `PerceiverEncoder`; arXiv:2107.14795, section 3.1; arXiv:2103.03206, section 3.1.
 */
export const encoder = (options: EncoderOptions & { readonly name?: string } = {}) => {
  const { name = 'perceiver_encoder', ...rest } = options;
  const config = encoderConfig.make(rest);
  const { numLatents, numLatentChannels } = config;
  return module(
    name,
    (s): Encoder => {
      expectDivisible(
        'numLatentChannels',
        numLatentChannels,
        config.numSelfAttendHeads,
        'numSelfAttendHeads',
      );
      expectDivisible(
        'numLatentChannels',
        numLatentChannels,
        config.numCrossAttendHeads,
        'numCrossAttendHeads',
      );
      const latents = s.declare(
        trainablePosition(numLatents, { numChannels: numLatentChannels, initScale: config.latentInitScale }),
      );
      const blocks = declareBlocks(s, config);
      return {
        latents: (batch) => latents(batch),
        call: (inputs, queries, inputMask) => {
          const mask = inputMask && crossMask(tf.ones(queries.shape.slice(0, 2)), inputMask); // [B, N, M]
          let z = queries as tf.Tensor3D;
          for (const { cross, selfs } of blocks) {
            if (cross) z = cross(z, inputs, mask);
            for (const attend of selfs) z = attend(z);
          }
          return z;
        },
      };
    },
    { kind: 'encoder', config },
  );
};
