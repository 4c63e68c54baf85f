/**
 * The MLP that follows attention: widen, activation, narrow, dropout.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  count,
  finite,
  oneOf,
  type OptionsFor,
  probability,
  withDefault,
  wordOrFunction,
} from '../lib/data/config.js';
import { gelu as geluOperation } from '../lib/engine/index.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import { projection } from './attention.js';
import { dropoutLayer } from './dropout.js';

/**
 * GELU in its tanh form: x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))).
 * Source: arXiv:1606.08415, section 2; `jax.nn.gelu`'s default.
 */
export const gelu = (x: tf.Tensor): tf.Tensor => geluOperation({ x }, { approximate: 'tanh' });

/**
 * GELU itself: x · Φ(x), Φ the normal distribution's share below x.
 * Source: arXiv:1606.08415, section 2; `jax.nn.gelu(approximate=False)`.
 */
export const geluExact = (x: tf.Tensor): tf.Tensor => geluOperation({ x }, { approximate: 'none' });

const source = 'perceiver.py `MLP`';

const activations = { geluTanh: gelu, geluExact } as const;

/** A function of each number: `relu`, say. */
export type Activation = (x: tf.Tensor) => tf.Tensor;

const words = oneOf('geluTanh', 'geluExact');

/** The activation of MLPs: the GELU of weights that DeepMind or Hugging Face trained, or a function. */
export const activation = withDefault(
  wordOrFunction<Activation, keyof typeof activations>(words),
  'geluTanh',
  {
    doc: "The MLP's activation: geluTanh, which DeepMind's weights were trained with, geluExact, which Hugging Face computes, or a function of tensors.",
    source: "`jax.nn.gelu`'s default; transformers `ACT2FN['gelu']`",
  },
);

export const mlpConfig = config('mlp', 'Two linear layers with an activation between them, and dropout.', {
  wideningFactor: withDefault(count, 4, {
    doc: 'Width of the hidden layer, in widths of the input.',
    source,
  }),
  dropoutRate: withDefault(probability, 0, { doc: 'Rate at which outputs are dropped in training.', source }),
  initScale: withDefault(finite, 1, { doc: "Scale of both layers' initial variance.", source }),
  activation,
});
export type MlpOptions = OptionsFor<typeof mlpConfig> & {
  /** The module's name; `mlp` if not given. */
  readonly name?: string;
};

/**
 * [..., C] to [..., C]. Leaves: `linear` widens, `linear_1` narrows. Keys: one a call, forced where something is
 * dropped.
 * @example mlp({ wideningFactor: 2, activation: relu })
 * Source: perceiver.py `MLP`.
 */
export const mlp = ({ name = 'mlp', ...options }: MlpOptions = {}) => {
  const config = mlpConfig.make(options);
  const activate =
    typeof config.activation === 'function' ? config.activation : activations[config.activation];
  return module(
    name,
    (s) => (x: tf.Tensor) => {
      const { C } = expectShape('x', x.shape.slice(-1), ['C']);
      const widened = projection(config.wideningFactor * C, config.initScale)(s, x); // [..., wideningFactor · C]
      const hidden = activate(widened);
      return dropoutLayer(config.dropoutRate)(s, projection(C, config.initScale)(s, hidden));
    },
    { kind: 'mlp', config },
  );
};
