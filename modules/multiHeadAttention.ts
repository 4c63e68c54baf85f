/**
 * Haiku's multi-head attention: queries, keys and values are projected, head by head attended to, and projected again.
 */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../lib/data/array.js';
import {
  config,
  count,
  finite,
  flag,
  optional,
  type OptionsFor,
  required,
  withDefault,
} from '../lib/data/config.js';
import { channelsOf, expectShape, ShapeError, showShape } from '../lib/data/shape.js';
import { varianceScaling } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { attend, type Mask } from './attend.js';
import { linear, type WeightInitializers } from './linear.js';

const source = 'dm-haiku `hk.MultiHeadAttention`';

export const multiHeadAttentionConfig = config('multiHeadAttention', 'Multi-head attention.', {
  numHeads: required(count, { doc: 'Number of heads.', source }),
  keySize: required(count, { doc: 'Width of the queries and keys of one head.', source }),
  valueSize: optional(count, { doc: 'Width of the values of one head; keySize if not given.', source }),
  modelSize: optional(count, { doc: 'Width of the output; numHeads · keySize if not given.', source }),
  withBias: withDefault(flag, true, { doc: 'True to add a bias in each projection.', source }),
  initScale: withDefault(finite, 1, {
    doc: 'Scale of the VarianceScaling that projections begin with, unless wInit is given.',
    source: `${source}, w_init_scale`,
  }),
});
export type MultiHeadAttentionOptions = OptionsFor<typeof multiHeadAttentionConfig> & WeightInitializers;

/** The last axes of an array, and one axis in the place of all before. */
const flat = (x: tf.Tensor, kept: number): tf.Tensor =>
  tf.reshape(x, [sizeOf(x.shape.slice(0, -kept)), ...x.shape.slice(-kept)]);

/**
 * Queries [..., T, Cq], keys [..., S, Ck], values [..., S, Cv], mask [..., 1 or H, T, S] to [..., T, modelSize]. A query
 * that may attend to no key gets the mean of all values. Declares `query`, `key`, `value`, `linear`.
 * @throws ShapeError when the leading axes or the numbers of keys and values differ
 * Source: dm-haiku `hk.MultiHeadAttention`; arXiv:1706.03762.
 */
export const multiHeadAttention = (given: MultiHeadAttentionOptions) => {
  const { name = 'multi_head_attention', wInit, bInit, ...options } = multiHeadAttentionConfig.given(given);
  const config = multiHeadAttentionConfig.make(options);
  const { numHeads, keySize, withBias, initScale } = config;
  const { valueSize = keySize, modelSize = numHeads * keySize } = config;
  const weights = { withBias, bInit, wInit: wInit ?? varianceScaling({ scale: initScale }) };
  return module(
    name,
    (s) =>
      (query: tf.Tensor, key: tf.Tensor, value: tf.Tensor, mask?: Mask): tf.Tensor => {
        const leading = query.shape.slice(0, -2);
        const letters = leading.map((_, i) => `B${i}`);
        const known = expectShape('query', query.shape, [...letters, 'T', 'Cq']);
        const { S } = expectShape('key', key.shape, [...letters, 'S', 'Ck'], known);
        expectShape('value', value.shape, [...letters, 'S', 'Cv'], { ...known, S });
        if (mask && mask.rank !== query.rank + 1)
          throw new ShapeError(`mask has shape ${showShape(mask.shape)}, expected [..., 1 or H, T, S]`);
        const heads = (x: tf.Tensor, size: number, of: string): tf.Tensor => {
          channelsOf(of, x);
          const projected = linear(numHeads * size, { ...weights, name: of })(s, flat(x, 2));
          return tf.reshape(projected, [...projected.shape.slice(0, -1), numHeads, size]); // [B, N, H, size]
        };
        const q = heads(query, keySize, 'query');
        const k = heads(key, keySize, 'key');
        const v = heads(value, valueSize, 'value');
        const attended = attend(q, k, v, { mask: mask && flat(mask, 3), withoutKeys: 'mean' }); // [B, T, H·valueSize]
        const output = linear(modelSize, weights)(s, attended);
        return tf.reshape(output, [...query.shape.slice(0, -1), modelSize]);
      },
    { kind: 'attention', config },
  );
};
