/**
 * StarCraft II entities: the network and its config.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, type ConfigOf, count, required } from '../../lib/data/config.js';
import type { Layer } from '../../lib/language/scope.js';
import { basicDecoder, basicDecoderConfig } from '../../modules/basicDecoder.js';
import { encoder, encoderConfig } from '../../modules/encoder.js';
import { linear } from '../../modules/linear.js';
import { featuresConfig } from './run/features.js';

const { outputChannels, numHeads, qkChannels, vChannels } = basicDecoderConfig.fields;

export const starcraftConfig = config('starcraft', 'An encoder of StarCraft II entities.', {
  numEntities: required(count, {
    doc: 'Number of places for entities; unused places are masked.',
  }),
  features: required(featuresConfig, { doc: 'The encoding of an entity as a vector.' }),
  embeddingChannels: required(count, { doc: 'Width of an embedded entity, which is also its query.' }),
  kvChannels: required(count, { doc: 'Width of the elements that the latents attend to.' }),
  encoder: required(encoderConfig, { doc: 'The encoder.' }),
  decoder: required(
    config('starcraftDecoder', 'One query for each entity.', {
      outputChannels,
      numHeads,
      qkChannels,
      vChannels,
    }),
    { doc: 'The decoder.' },
  ),
  outputChannels: required(count, { doc: "Width of the entities' embeddings and of the pooled vector." }),
});
export type StarcraftConfig = ConfigOf<typeof starcraftConfig>;

/** One vector for each entity, and one for all of them. */
export type StarcraftOutputs = {
  /** [B, M, outputChannels]; vectors of padding mean nothing. */
  readonly entityEmbeddings: tf.Tensor3D;
  /** [B, outputChannels] */
  readonly embeddedEntity: tf.Tensor2D;
};

/** features [B, M, F] and mask [B, M], anything but zero = an entity, to the outputs. */
export type StarcraftNetwork = Layer<[features: tf.Tensor, mask: tf.Tensor], StarcraftOutputs>;

/**
 * The mean over the marked elements; zeros if none is marked.
 * @param x    [B, M, C]
 * @param mask [B, M]
 * @returns [B, C]
 */
export const maskedMean = (x: tf.Tensor, mask: tf.Tensor): tf.Tensor2D => {
  const isThere = tf.cast(tf.notEqual(mask, 0), 'float32'); // [B, M]
  const total = tf.sum(tf.mul(x, tf.expandDims(isThere, 2)), 1); // [B, C]
  return tf.div(total, tf.maximum(tf.sum(isThere, 1, true), 1));
};

/**
 * The two outputs of an encoder of entities: x [B, M, C] and mask [B, M] to a vector for each, and one for all.
 * Source: detailed-architecture.txt of AlphaStar, entity encoder.
 */
export const entityHeads =
  (outputChannels: number): Layer<[x: tf.Tensor, mask: tf.Tensor], StarcraftOutputs> =>
  (s, x, mask) => {
    const each = linear(outputChannels, { name: 'entity_embeddings' })(s, tf.relu(x));
    const pooled = linear(outputChannels, { name: 'embedded_entity' })(s, maskedMean(x, mask));
    return {
      entityEmbeddings: tf.relu(each) as tf.Tensor3D,
      embeddedEntity: tf.relu(pooled) as tf.Tensor2D,
    };
  };

/**
 * Entities are embedded; latents attend to a narrower projection of them; each entity's embedding then queries the
 * latents.
 * Source: arXiv:2107.14795, section 4.4 and appendix B; the two heads, detailed-architecture.txt of AlphaStar.
 */
export const starcraftNetwork =
  (config: StarcraftConfig): StarcraftNetwork =>
  (s, features, mask) => {
    const embedding = linear(config.embeddingChannels, { name: 'entity_embedding' })(s, features); // [B, M, C]
    const projected = linear(config.kvChannels, { name: 'entity_projection' })(s, embedding); // [B, M, K]
    const encode = s.declare(encoder(config.encoder));
    const decode = s.declare(basicDecoder(config.decoder));
    const latents = encode.latents(features.shape[0]); // [B, N, D]
    const decoded = decode(embedding, encode(projected, latents, mask), mask); // [B, M, O]
    return entityHeads(config.outputChannels)(s, decoded, mask);
  };
