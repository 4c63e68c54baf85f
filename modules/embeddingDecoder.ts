/**
 * The tied decoder of embeddings: how well each vector fits each row of an embedding table, with a bias.
 */
import * as tf from '@tensorflow/tfjs-core';
import { zeros } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import { affine } from './linear.js';

/**
 * x·tableᵀ + bias: x [B, N, C], table [V, C] to logits [B, N, V]. Leaf `bias` [V]; the table is somebody else's.
 * @throws ShapeError when x and the table disagree on C
 * Source: io_processors.py `EmbeddingDecoder`.
 */
export const embeddingDecoder = ({ name = 'embedding_decoder' }: { readonly name?: string } = {}) =>
  module(
    name,
    (s) => (x: tf.Tensor, table: tf.Tensor) => {
      const { V, C } = expectShape('table', table.shape, ['V', 'C']);
      expectShape('x', x.shape, ['B', 'N', 'C'], { C });
      return affine(x, table, s.param('bias', [V], zeros), true) as tf.Tensor3D;
    },
    { kind: 'decoder' },
  );
