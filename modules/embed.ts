/**
 * Embeddings: a table of vectors, one for each id of a vocabulary.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, required } from '../lib/data/config.js';
import { expectIdsIn } from '../lib/data/ids.js';
import { isWithoutData, valuesAtHand } from '../lib/engine/index.js';
import { type Initializer, truncatedNormal } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';

/** Refuses ids that the vocabulary does not have; a shape-only reading and WebGPU's results have no ids to look at. */
const expectIds = (ids: tf.Tensor, vocabSize: number): void => {
  if (ids.dtype !== 'int32') throw new TypeError(`ids are ${ids.dtype}, expected int32`);
  if (isWithoutData()) return;
  const values = valuesAtHand(ids);
  if (values) expectIdsIn(vocabSize, values);
};

/**
 * The table's rows at the ids.
 * @param table [V, C]
 * @param ids [...] int32, each from 0 up to, not including, V
 * @returns [..., C]
 * @throws TypeError when ids are not int32; RangeError when an id is outside of the table
 */
export const lookUp = (table: tf.Tensor, ids: tf.Tensor): tf.Tensor => {
  expectIds(ids, table.shape[0]);
  const rows = tf.gather(table, tf.reshape(ids, [-1])); // [N, C]
  return tf.reshape(rows, [...ids.shape, table.shape[1] as number]);
};

const source = 'dm-haiku `hk.Embed`';

export const embedConfig = config('embed', 'A table of vectors, one for each id of a vocabulary.', {
  vocabSize: required(count, { doc: 'Number of ids.', source }),
  numChannels: required(count, { doc: 'Width of each vector.', source: `${source}, embed_dim` }),
});
export type EmbedOptions = OptionsFor<typeof embedConfig> & {
  /** TruncatedNormal(1) if not given. */
  readonly wInit?: Initializer;
  readonly name?: string;
};

/**
 * ids [...] int32 to [..., numChannels]; `table()` is the table itself, for a decoder that shares it. Leaf
 * `embeddings` [vocabSize, numChannels].
 * @throws TypeError when ids are not int32; RangeError when an id is outside of the vocabulary
 * @example
 * const embedding = s.declare(embed({ vocabSize: 262, numChannels: 768 }));
 * const logits = embeddingDecoder()(s, model(embedding(ids)), embedding.table());
 * Source: dm-haiku `hk.Embed`.
 */
export const embed = (given: EmbedOptions) => {
  const { name = 'embed', wInit = truncatedNormal(), ...options } = embedConfig.given(given);
  const config = embedConfig.make(options);
  return module(
    name,
    (s) => {
      const table = () => s.param('embeddings', [config.vocabSize, config.numChannels], wInit);
      return { call: (ids: tf.Tensor) => lookUp(table(), ids), table };
    },
    { kind: 'embedding', config },
  );
};
