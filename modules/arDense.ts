/** The dense block of Perceiver AR: two linear layers, by default with a squared ReLU between them. */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  count,
  finite,
  oneOf,
  type OptionsFor,
  probability,
  withDefault,
} from '../lib/data/config.js';
import { relu, silu } from '../lib/language/activations.js';
import { module } from '../lib/language/module.js';
import { projection } from './attention.js';
import { dropoutLayer } from './dropout.js';
import { gelu } from './mlp.js';

const source = 'perceiver_ar_model.py';

/** Activations by their names; squared ReLU is the model's own. */
export const arActivations = {
  squaredRelu: (x: tf.Tensor): tf.Tensor => tf.square(tf.relu(x)),
  gelu,
  silu,
  relu,
} as const;

export const arActivationCodec = oneOf('squaredRelu', 'gelu', 'silu', 'relu');

export const arDenseFields = {
  wideningFactor: withDefault(count, 1, {
    doc: 'Width of the hidden layer, in widths of the input.',
    source,
  }),
  dropoutRate: withDefault(probability, 0, { doc: 'Dropout at the end, in training.', source }),
  initScale: withDefault(finite, 1, { doc: 'Scale of all initial variances.', source }),
  activation: withDefault(arActivationCodec, 'squaredRelu', {
    doc: "The hidden layer's activation.",
    source,
  }),
};

export const arDenseConfig = config(
  'arDense',
  'Two linear layers with an activation between them.',
  arDenseFields,
);

/** [..., C] to [..., C]. Leaves: `linear` widens, `linear_1` narrows. Keys: one a call. Source: `Dense`. */
export const arDense = (options: OptionsFor<typeof arDenseConfig> = {}) => {
  const config = arDenseConfig.make(options);
  const { wideningFactor, dropoutRate, initScale, activation } = config;
  return module(
    'dense',
    (s) => (x: tf.Tensor) => {
      const C = x.shape[x.rank - 1] as number;
      const hidden = arActivations[activation](projection(wideningFactor * C, initScale)(s, x));
      return dropoutLayer(dropoutRate)(s, projection(C, initScale)(s, hidden));
    },
    { kind: 'mlp', config },
  );
};
