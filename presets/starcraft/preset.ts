/**
 * The encoder of StarCraft II entities, with values that agree with the paper.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { config, count, decodeConfig, optional } from '../../lib/data/config.js';
import { type Changes, override, preset } from '../preset.js';
import { starcraftConfig, type StarcraftConfig, starcraftNetwork } from './network.js';
import {
  type EntityTransformerConfig,
  entityTransformerConfig,
  entityTransformerNetwork,
} from './network/transformer.js';
import { embedEntities } from './run.js';
import { numFeatures } from './run/features.js';

/**
 * Source: arXiv:2107.14795, appendix B (32 latents, 3 layers, the rest as for ImageNet), table 5 (512×256 in, 512×128
 * out), table 6 (keys and values of 128 channels). The width of the latents is ours: the one that gives the paper's
 * FLOPs.
 */
const paperConsistent = {
  numEntities: 512,
  features: { kind: 'records' as const },
  embeddingChannels: 256,
  kvChannels: 128,
  encoder: {
    numLatents: 32,
    numLatentChannels: 512,
    numBlocks: 1,
    numSelfAttendsPerBlock: 3,
    numSelfAttendHeads: 8,
    numCrossAttendHeads: 1,
  },
  decoder: { outputChannels: 128, numHeads: 1 },
  outputChannels: 256,
};

const sizesConfig = config('starcraftSizes', 'Sizes as the reference program names them.', {
  num_entities: optional(count, { doc: 'numEntities' }),
  num_features: optional(count, { doc: 'features.numFeatures, of entities that are vectors already' }),
  embedding: optional(count, { doc: 'embeddingChannels' }),
  kv_channels: optional(count, { doc: 'kvChannels' }),
  output: optional(count, { doc: 'outputChannels and decoder.outputChannels' }),
  z: optional(count, { doc: 'encoder.numLatents' }),
  ch: optional(count, { doc: 'encoder.numLatentChannels' }),
  layers: optional(count, { doc: 'encoder.numSelfAttendsPerBlock' }),
  heads: optional(count, { doc: 'encoder.numSelfAttendHeads' }),
});

const fromSizes = (kwargs: unknown) =>
  pipe(
    decodeConfig(sizesConfig, kwargs),
    E.map(({ num_entities, num_features, embedding, kv_channels, output, z, ch, layers, heads }) => {
      const isVectors = num_features !== undefined;
      const changes: Changes<typeof paperConsistent> = {
        numEntities: num_entities,
        embeddingChannels: embedding,
        kvChannels: kv_channels,
        outputChannels: output,
        decoder: { outputChannels: output },
        encoder: {
          numLatents: z,
          numLatentChannels: ch,
          numSelfAttendsPerBlock: layers,
          numSelfAttendHeads: heads,
        },
      };
      const features = isVectors ? { kind: 'vectors' as const, numFeatures: num_features } : undefined;
      return override(paperConsistent, { ...changes, features }) as typeof paperConsistent;
    }),
  );

const notes = [
  "paper-consistent; widths not published: neither the latents' width nor the decoder's is stated, and no parameters were published.",
  "The paper's tables disagree: table 5 has inputs of 512×256 and outputs of 512×128, table 6 has 128 channels for keys and values and 128 for the queries. Here the embeddings, which are the queries, are 256 wide, keys and values 128, and the decoder gives 128.",
  'With latents of 32×512 the encoder, the decoder and the linear layer of entityEmbeddings take 0.929 GFLOP (a multiplication and an addition count as two); the paper says 0.93. They hold 6,430,464 parameters, the whole preset 6,913,408. Three other choices of widths give 0.929 to 0.930 GFLOP, so that agreement proves nothing.',
  "The paper's agents have 140M parameters with this encoder and 144M with the Transformer it replaced, which had 2.4M: the difference is not this encoder's.",
  'How many kinds of orders, buffs and add-ons there are, and how many bits a coordinate has, was not published either; these are sizes in the config.',
];

type Sizes = Pick<StarcraftConfig, 'numEntities' | 'features'>;

/** Inputs of both encoders. */
const shapes = {
  inputs: ({ numEntities, features }: Sizes) =>
    [
      { shape: [1, numEntities, numFeatures(features)] },
      { shape: [1, numEntities], dtype: 'int32' },
    ] as const,
  names: { inputs: ['features', 'mask'], output: '' },
  openInputs: ({ features }: Sizes) =>
    [
      { shape: ['batch', 'entities', numFeatures(features)] },
      { shape: ['batch', 'entities'], dtype: 'int32' },
    ] as const,
};

/**
 * An encoder of StarCraft II entities, in the place of AlphaStar's Transformer.
 * @example
 * const model = starcraft();
 * const { params } = model.init(key(42));
 * await model.run({ params }, [{ unitType: 48, alliance: 1, x: 30, y: 71.5, health: 45 }])();
 */
export const starcraft = preset({
  name: 'starcraft',
  task: 'embed',
  title: 'StarCraft II entities',
  doc: 'Takes up to 512 units, buildings and resources as records; gives a vector for each and one for all of them.',
  sources: [
    'arXiv:2107.14795, section 4.4, appendix B, tables 5, 6 and 9',
    'AlphaStar (doi:10.1038/s41586-019-1724-z), supplementary material, detailed-architecture.txt',
  ],
  notes,
  codec: starcraftConfig,
  published: paperConsistent,
  small: {
    numEntities: 16,
    embeddingChannels: 16,
    kvChannels: 8,
    encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 2, numSelfAttendHeads: 4 },
    decoder: { outputChannels: 8 },
    outputChannels: 16,
  },
  network: starcraftNetwork,
  ...shapes,
  run: embedEntities,
  fromHaiku: fromSizes,
  about: async () => (await import('./about.js')).about,
});

/**
 * The Transformer of AlphaStar that `starcraft` takes the place of: the same entities in, the same vectors out.
 * @example entityTransformer().outline.params
 */
export const entityTransformer = preset({
  name: 'starcraft-transformer',
  task: 'embed',
  title: "StarCraft II entities by AlphaStar's Transformer",
  doc: 'Takes what starcraft takes and gives what it gives, by the Transformer of the agent of 2019.',
  sources: [
    'AlphaStar (doi:10.1038/s41586-019-1724-z), supplementary material, detailed-architecture.txt',
    'arXiv:2107.14795, section 4.4, appendix B, table 9',
  ],
  notes: [
    'Layers, heads, widths and outputs are published; the place of the norms is not, and ours stand before attention and MLP. No parameters were published.',
    'Three layers and the linear layer of entityEmbeddings take 3.288 GFLOP for 512 entities, and hold 2,435,072 parameters; the Perceiver takes 0.929.',
  ],
  codec: entityTransformerConfig,
  published: {
    numEntities: 512,
    features: { kind: 'records' as const },
    embeddingChannels: 256,
    numLayers: 3,
    numHeads: 2,
    headChannels: 128,
    wideningFactor: 4,
    outputChannels: 256,
  },
  small: {
    numEntities: 16,
    embeddingChannels: 16,
    numLayers: 2,
    headChannels: 8,
    wideningFactor: 2,
    outputChannels: 16,
  },
  network: (config: EntityTransformerConfig) => entityTransformerNetwork(config),
  ...shapes,
  run: embedEntities,
  about: async () => (await import('./about/transformer.js')).about,
});
