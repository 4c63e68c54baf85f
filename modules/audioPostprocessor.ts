/**
 * Decoded elements as audio: each becomes a patch of samples.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, withDefault } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import { linear } from './linear.js';

export const audioPostprocessorConfig = config('audioPostprocessor', 'Decoded elements as raw audio.', {
  samplesPerPatch: withDefault(count, 96, {
    doc: 'Samples that each element becomes.',
    source: 'io_processors.py `AudioPostprocessor`',
  }),
});
export type AudioPostprocessorOptions = OptionsFor<typeof audioPostprocessorConfig>;

/**
 * Elements [B, N, C] to samples [B, N·samplesPerPatch]. Declares `linear`.
 * Source: io_processors.py `AudioPostprocessor`.
 */
export const audioPostprocessor = (options: AudioPostprocessorOptions = {}) => {
  const config = audioPostprocessorConfig.make(options);
  const { samplesPerPatch } = config;
  return module(
    'audio_postprocessor',
    (s) => (x: tf.Tensor) => {
      const { B, N } = expectShape('x', x.shape, ['B', 'N', 'C']);
      return tf.reshape(linear(samplesPerPatch)(s, x), [B, N * samplesPerPatch]);
    },
    { kind: 'postprocessor', config },
  );
};
