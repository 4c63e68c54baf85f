/**
 * Decodes several modalities at once: each one's decoder makes its queries, one cross-attention answers them all.
 */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../lib/data/array.js';
import { config, count, type OptionsFor, required, withDefault } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import type { Declared } from '../lib/language/scope.js';
import { basicDecoder, queryFields } from './basicDecoder.js';
import type { Decoder, Points } from './decoder.js';
import { trainablePosition } from './trainablePosition.js';

const source = 'perceiver.py `MultimodalDecoder`';

const { position: _elsewhere, ...fields } = queryFields;

export const multimodalDecoderConfig = config(
  'multimodalDecoder',
  "One cross-attention for all modalities' queries.",
  {
    outputChannels: required(count, { doc: 'Width of each output element, whatever its modality.', source }),
    minPaddingSize: withDefault(count, 2, {
      doc: 'Trained channels that the widest queries are padded with.',
      source,
    }),
    ...fields,
  },
);
export type MultimodalDecoderOptions = OptionsFor<typeof multimodalDecoderConfig>;

/** Declared decoders by modality, in the order in which their queries are made. */
export type DecoderModalities = Readonly<Record<string, Declared<Decoder>>>;

const flatten = (query: tf.Tensor): tf.Tensor3D =>
  tf.reshape(query, [query.shape[0], sizeOf(query.shape.slice(1, -1)), query.shape[query.rank - 1]]);

/**
 * Queries are made in declared order, padded to one width with trained channels and put one after the other in the
 * order of their names; the outputs [B, all elements, outputChannels] are in that order too.
 * Source: perceiver.py `MultimodalDecoder`.
 */
export const multimodalDecoder = (modalities: DecoderModalities, options: MultimodalDecoderOptions) => {
  const config = multimodalDecoderConfig.make(options);
  const { minPaddingSize, ...query } = config;
  return module(
    'multimodal_decoder',
    (s): Decoder<tf.Tensor3D> => {
      const decoder = s.declare(basicDecoder(query));
      const pad = (name: string, x: tf.Tensor3D, channels: number): tf.Tensor3D => {
        const width = channels - x.shape[2];
        const padding = trainablePosition(1, { numChannels: width, name: `${name}_padding` })(s, x.shape[0]); // [B, 1, width]
        return tf.concat([x, tf.tile(padding, [1, x.shape[1], 1])], 2);
      };
      return {
        decoderQuery: (batch, { withoutPositions, points } = {}) => {
          const queries = Object.entries(modalities).map(([name, modality]) => {
            const from = {
              withoutPositions: (withoutPositions as Record<string, tf.Tensor> | undefined)?.[name],
              points: (points as Record<string, Points> | undefined)?.[name],
            };
            return { name, query: flatten(modality.decoderQuery(batch, from).query as tf.Tensor) };
          });
          const channels = Math.max(...queries.map(({ query }) => query.shape[2])) + minPaddingSize;
          const sorted = [...queries].sort((a, b) => (a.name < b.name ? -1 : 1));
          return {
            query: tf.concat(
              sorted.map(({ name, query }) => pad(name, query, channels)),
              1,
            ),
            modalitySizes: Object.fromEntries(sorted.map(({ name, query }) => [name, query.shape[1]])),
          };
        },
        call: (query, latents) => decoder(query, latents),
      };
    },
    { kind: 'decoder', config },
  );
};
