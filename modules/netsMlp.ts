/**
 * Haiku's `nets.MLP`: linear layers of any widths with an activation between them. The MLP of Perceivers, with its
 * widening factor, is `mlp`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, flag, type OptionsFor, required, sizes, withDefault } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import type { Declared, Module } from '../lib/language/scope.js';
import { type Key, keySequence, type LazyKey } from '../lib/random/index.js';
import { dropout } from './dropout.js';
import { linear, type WeightInitializers } from './linear.js';

const source = 'dm-haiku `hk.nets.MLP`';

export const netsMlpConfig = config('netsMlp', 'Linear layers with an activation between them.', {
  outputSizes: required(sizes, { doc: 'Width of each layer, from the first to the last.', source }),
  withBias: withDefault(flag, true, { doc: 'True to add a bias in each layer.', source }),
  activateFinal: withDefault(flag, false, {
    doc: 'True to activate the last layer, and to drop its outputs, as the others.',
    source,
  }),
});

export type NetsMlpOptions = OptionsFor<typeof netsMlpConfig> &
  WeightInitializers & {
    /** ReLU if not given. */
    readonly activation?: (x: tf.Tensor) => tf.Tensor;
  };

/** A net that can be turned around. */
export type NetsMlp = {
  readonly call: (x: tf.Tensor) => tf.Tensor;
  /** The call, with elements dropped before each activation; one key for each layer that is activated. */
  readonly dropping: (x: tf.Tensor, rate: number, key?: LazyKey) => tf.Tensor;
  /** A net of new layers with the widths in the opposite order, from the outputs to the inputs of an earlier call. */
  readonly reverse: (options?: Partial<NetsMlpOptions>) => Declared<NetsMlp>;
};

/** Keys of a sequence that begins with a key, forced together when the first is. */
const keysOf = (key: LazyKey, count: number): LazyKey[] => {
  let keys: readonly Key[] | undefined;
  const draw = (): readonly Key[] => {
    const next = keySequence(key());
    return Array.from({ length: count }, () => next('dropout')());
  };
  return Array.from({ length: count }, (_, i) => () => (keys ??= draw())[i]);
};

/**
 * [..., C] to [..., last of outputSizes]. Declares `~/linear_0`, `~/linear_1`, …; the method `reverse` declares
 * `~reverse/mlp_reversed`.
 * @example netsMlp({ outputSizes: [300, 100, 10] })
 * Source: dm-haiku `hk.nets.MLP`.
 */
export const netsMlp = (options: NetsMlpOptions): Module<NetsMlp> => {
  const {
    name = 'mlp',
    wInit,
    bInit,
    activation = (x) => tf.relu(x),
    ...rest
  } = netsMlpConfig.given<NetsMlpOptions>(options);
  const config = netsMlpConfig.make(rest);
  const { outputSizes, withBias, activateFinal } = config;
  return module(
    name,
    (s): NetsMlp => {
      const layers = outputSizes.map((size, i) =>
        s.declare(linear(size, { withBias, wInit, bInit, name: `linear_${i}` })),
      );
      const isActivated = (i: number): boolean => activateFinal || i < layers.length - 1;
      let inputSize: number | undefined;
      const run = (x: tf.Tensor, drop: (y: tf.Tensor, i: number) => tf.Tensor): tf.Tensor => {
        inputSize = x.shape[x.rank - 1];
        return layers.reduce((flowing, layer, i) => {
          const y = layer(flowing);
          return isActivated(i) ? activation(drop(y, i)) : y;
        }, x);
      };
      return {
        call: (x) => run(x, (y) => y),
        dropping: (x, rate, key = s.key()) => {
          const keys = keysOf(key, layers.length);
          return run(x, (y, i) => dropout(keys[i], rate, y));
        },
        reverse: (changed = {}) => {
          if (inputSize === undefined)
            throw new Error('reverse comes before the first call: call the net first');
          const widths = [inputSize, ...outputSizes.slice(0, -1)].reverse();
          return s.declare(
            netsMlp({ ...options, name: `${name}_reversed`, ...changed, outputSizes: widths }),
          );
        },
      };
    },
    { kind: 'mlp', config },
  );
};
