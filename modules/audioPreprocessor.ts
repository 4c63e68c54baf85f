/**
 * Audio as a sequence for an encoder: patches of raw samples, with positions.
 */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../lib/data/array.js';
import { config, count, type OptionsFor, withDefault } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { expectDivisible } from '../lib/data/shape.js';
import { positionedInputs, positionFields } from './positionedInputs.js';
import type { Preprocessed, PreprocessOptions } from './processor.js';

const source = 'io_processors.py `AudioPreprocessor`';

export const audioPreprocessorConfig = config('audioPreprocessor', 'Raw audio as a sequence of patches.', {
  samplesPerPatch: withDefault(count, 96, { doc: 'Samples of one patch: its channels.', source }),
  ...positionFields,
});
export type AudioPreprocessorOptions = OptionsFor<typeof audioPreprocessorConfig>;

/**
 * Samples [B, …] to inputs [B, samples / samplesPerPatch, channels]. Declares positions under
 * `~_build_network_inputs`.
 * @throws ShapeError when samplesPerPatch does not divide the number of samples
 * Source: io_processors.py `AudioPreprocessor`.
 */
export const audioPreprocessor = (options: AudioPreprocessorOptions) => {
  const config = audioPreprocessorConfig.make(options);
  const { samplesPerPatch } = config;
  return module(
    'audio_preprocessor',
    (s) => {
      const build = s.method('_buildNetworkInputs', (patches: tf.Tensor, how?: PreprocessOptions) =>
        positionedInputs(s, config, patches, { pos: how?.pos }),
      );
      return (x: tf.Tensor, how?: PreprocessOptions): Preprocessed => {
        const [batch, ...rest] = x.shape;
        const samples = sizeOf(rest);
        expectDivisible('the number of samples', samples, samplesPerPatch, 'samplesPerPatch');
        return build(tf.reshape(x, [batch, samples / samplesPerPatch, samplesPerPatch]), how);
      };
    },
    { kind: 'preprocessor', config },
  );
};
