/**
 * A trained array of positions: encodings of a grid, latents, output queries, paddings.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, positive, withDefault } from '../lib/data/config.js';
import { truncatedNormal } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';

const source = 'position_encoding.py `TrainablePositionEncoding`';

export const trainablePositionConfig = config('trainablePosition', 'A trained vector for each position.', {
  numChannels: withDefault(count, 128, { doc: 'Width of each vector.', source }),
  initScale: withDefault(positive, 0.02, {
    doc: 'Standard deviation of the truncated normal that initialises the vectors.',
    source,
  }),
});
export type TrainablePositionOptions = OptionsFor<typeof trainablePositionConfig>;

/**
 * (B) to [B, size, numChannels], the same for every example. Leaf `pos_embs` [size, numChannels].
 * Source: position_encoding.py `TrainablePositionEncoding`.
 */
export const trainablePosition = (
  size: number,
  options: TrainablePositionOptions & { readonly name?: string } = {},
) => {
  const { name = 'trainable_position_encoding', ...rest } = options;
  const config = trainablePositionConfig.make(rest);
  const { numChannels, initScale } = config;
  return module(
    name,
    (s) => (batch: number) => {
      const vectors = s.param('pos_embs', [size, numChannels], truncatedNormal({ stddev: initScale }));
      return tf.tile(tf.expandDims(vectors, 0), [batch, 1, 1]) as tf.Tensor3D;
    },
    { kind: 'position', config: { size, ...config } },
  );
};
