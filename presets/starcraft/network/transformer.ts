/**
 * AlphaStar's Transformer over entities, which the Perceiver takes the place of: the same entities, the same two outputs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, type ConfigOf, count, depth, required } from '../../../lib/data/config.js';
import { relu } from '../../../lib/language/activations.js';
import { crossMask } from '../../../modules/attend.js';
import { linear } from '../../../modules/linear.js';
import { selfAttention } from '../../../modules/selfAttention.js';
import { entityHeads, starcraftConfig, type StarcraftNetwork } from '../network.js';

const source = 'detailed-architecture.txt';

const { numEntities, features, embeddingChannels, outputChannels } = starcraftConfig.fields;

export const entityTransformerConfig = config(
  'entityTransformer',
  'A Transformer over StarCraft II entities.',
  {
    numEntities,
    features,
    embeddingChannels,
    numLayers: required(depth, { doc: 'Number of layers.', source }),
    numHeads: required(count, { doc: 'Heads of each layer.', source }),
    headChannels: required(count, { doc: 'Width of queries, keys and values of a head.', source }),
    wideningFactor: required(count, { doc: "Width of the MLP's hidden layer, in embeddings.", source }),
    outputChannels,
  },
);
export type EntityTransformerConfig = ConfigOf<typeof entityTransformerConfig>;

/**
 * Entities are embedded and attend to each other; empty places are seen by none.
 * Source: detailed-architecture.txt of AlphaStar, entity encoder. Norms stand before attention and MLP, our choice.
 */
export const entityTransformerNetwork =
  (config: EntityTransformerConfig): StarcraftNetwork =>
  (s, given, mask) => {
    const isThere = tf.cast(tf.notEqual(mask, 0), 'float32');
    const seen = crossMask(isThere, isThere); // [B, M, M]
    const width = config.numHeads * config.headChannels;
    const { numHeads, wideningFactor } = config;
    let x: tf.Tensor = linear(config.embeddingChannels, { name: 'entity_embedding' })(s, given); // [B, M, C]
    for (let layer = 0; layer < config.numLayers; layer++)
      x = selfAttention({
        ...{ numHeads, wideningFactor, activation: relu },
        ...{ qkChannels: width, vChannels: width },
      })(s, x, seen);
    return entityHeads(config.outputChannels)(s, x, mask);
  };
