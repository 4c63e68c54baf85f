/**
 * Several modalities as one sequence for an encoder: each is preprocessed by its own layer, padded with trained channels
 * to a common width, and masked at random if masking probabilities are given.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as t from 'io-ts';
import {
  config,
  ConfigError,
  count,
  optional,
  type OptionsFor,
  probability,
  withDefault,
} from '../lib/data/config.js';
import { concatRows, partsOfRows, type Rows, rowsOf } from '../lib/language/combinators/byParts.js';
import { bernoulliTensor } from '../lib/engine/index.js';
import { module } from '../lib/language/module.js';
import type { LazyKey } from '../lib/random/index.js';
import type { Declared, Scope } from '../lib/language/scope.js';
import { expectShape } from '../lib/data/shape.js';
import type { Preprocessed, PreprocessOptions, Preprocessor } from './processor.js';
import { trainablePosition } from './trainablePosition.js';

const source = 'io_processors.py `MultimodalPreprocessor`';

export const multimodalPreprocessorConfig = config(
  'multimodalPreprocessor',
  'Several modalities as one sequence.',
  {
    maskProbs: optional(t.readonly(t.record(t.string, probability), 'numbers from 0 to 1 by name'), {
      doc: "By modality, the probability that an element is replaced by the modality's mask token, in training and outside.",
      source: `${source}; arXiv:2107.14795, appendix I`,
    }),
    minPaddingSize: withDefault(count, 2, {
      doc: 'Trained channels that the widest modality is padded with.',
      source,
    }),
  },
);
export type MultimodalPreprocessorOptions = OptionsFor<typeof multimodalPreprocessorConfig>;

/** Declared preprocessors by modality, in the order in which they are called. */
export type PreprocessorModalities = Readonly<Record<string, Declared<Preprocessor>>>;

/**
 * Replaces each element by the token with probability p.
 * @param key forced only where p is neither 0 nor 1
 * @param x [B, M, C]
 * @param token [B, 1, C]
 */
export const maskElements = (key: LazyKey, p: number, x: tf.Tensor, token: tf.Tensor): tf.Tensor => {
  if (p === 0) return x;
  const [batch, size] = x.shape;
  if (p === 1) return tf.tile(token, [1, size, 1]);
  const drawn = bernoulliTensor(key, p, [batch, size]);
  const mask = tf.expandDims(tf.cast(drawn, 'float32'), 2); // [B, M, 1]
  return tf.add(tf.mul(tf.sub(1, mask), x), tf.mul(mask, token));
};

/** The same vector of trained channels for every example: [B, 1, numChannels]. */
const trained = (s: Scope, name: string, batch: number, numChannels: number): tf.Tensor =>
  trainablePosition(1, { numChannels, name })(s, batch);

/** Refuses masking probabilities that are not one for each modality. */
const expectModalities = (modalities: PreprocessorModalities, given: Readonly<Record<string, number>>) => {
  const missing = Object.keys(modalities).filter((name) => !Object.hasOwn(given, name));
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(modalities, name));
  if (missing.length + unknown.length === 0) return;
  throw new ConfigError('multimodalPreprocessor', [
    ...missing.map((name) => ({ path: `maskProbs.${name}`, found: undefined, expected: 'a probability' })),
    ...unknown.map((name) => ({
      path: `maskProbs.${name}`,
      found: given[name],
      expected: `no such modality (there are ${Object.keys(modalities).join(', ')})`,
    })),
  ]);
};

/**
 * A record of inputs by modality to inputs [B, all elements, common width], modalities in the order of their names.
 * Declares `image_padding` and, where masking probabilities are set, `image_mask_token` for each modality `image`.
 * Keys: one for each modality in declared order where masking probabilities are set.
 * @throws ConfigError when masking probabilities are not one for each modality
 * @example
 * const audio = s.declare(audioPreprocessor(…)), image = s.declare(imagePreprocessor(…));
 * multimodalPreprocessor({ audio, image }, { minPaddingSize: 4 })(s, { audio: samples, image: video })
 * Source: io_processors.py `MultimodalPreprocessor`.
 */
export const multimodalPreprocessor = (
  modalities: PreprocessorModalities,
  options: MultimodalPreprocessorOptions = {},
) => {
  const config = multimodalPreprocessorConfig.make(options);
  const { maskProbs, minPaddingSize } = config;
  if (maskProbs) expectModalities(modalities, maskProbs);
  const names = Object.keys(modalities);
  return module(
    'multimodal_preprocessor',
    (s) => {
      const padAndMask = (name: string, x: tf.Tensor, channels: number): Rows => {
        const [batch, size, width] = x.shape;
        const padding = trained(s, `${name}_padding`, batch, channels - width);
        const token = maskProbs && trained(s, `${name}_mask_token`, batch, channels);
        const [p, key] = maskProbs ? [maskProbs[name], s.key()] : [0];
        const shape = [batch, size, channels];
        const isDrawn = p > 0 && p < 1; // for all elements at once
        return {
          shape,
          spans: isDrawn ? [[0, size]] : partsOfRows(s, { shape }),
          of: (span) => {
            const padded = tf.concat([rowsOf(x, span), tf.tile(padding, [1, span[1], 1])], 2);
            return key && token ? maskElements(key, p, padded, token) : padded;
          },
        };
      };
      return (x: Readonly<Record<string, tf.Tensor>>, how?: PreprocessOptions): Preprocessed => {
        const parts = names.map((name) => {
          if (!x[name]) throw new TypeError(`there is no input for the modality '${name}'`);
          const { inputs, withoutPositions } = modalities[name](x[name], how);
          expectShape(name, inputs.shape, ['B', 'M', 'C']);
          return { name, inputs, withoutPositions };
        });
        const channels = Math.max(...parts.map(({ inputs }) => inputs.shape[2] as number)) + minPaddingSize;
        const padded = Object.fromEntries(
          parts.map(({ name, inputs }) => [name, padAndMask(name, inputs, channels)]),
        );
        const sorted = [...names].sort();
        return {
          inputs: concatRows(sorted.map((name) => padded[name])),
          withoutPositions: Object.fromEntries(
            parts.map(({ name, withoutPositions }) => [name, withoutPositions as tf.Tensor]),
          ),
          modalitySizes: Object.fromEntries(sorted.map((name) => [name, padded[name].shape[1] as number])),
        };
      };
    },
    { kind: 'preprocessor', config },
  );
};
