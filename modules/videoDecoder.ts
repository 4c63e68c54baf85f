/**
 * Decodes a video, or some points of it.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, required, sizes } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { basicDecoder, queryFields } from './basicDecoder.js';
import type { Decoder } from './decoder.js';

const source = 'perceiver.py `BasicVideoAutoencodingDecoder`';

export const videoDecoderConfig = config('videoDecoder', 'One query for each pixel of a video.', {
  outputShape: required(sizes, { doc: 'Frames, height and width of the video.', source }),
  outputChannels: required(count, { doc: 'Width of each pixel.', source }),
  ...queryFields,
});
export type VideoDecoderOptions = OptionsFor<typeof videoDecoderConfig>;

/**
 * query [B, T·H·W, C], latents [B, N, D] to [B, T, H, W, outputChannels].
 * Source: perceiver.py `BasicVideoAutoencodingDecoder`.
 */
export const videoDecoder = (options: VideoDecoderOptions) => {
  const config = videoDecoderConfig.make(options);
  const { outputShape, ...query } = config;
  return module(
    'basic_video_autoencoding_decoder',
    (s): Decoder => {
      const decoder = s.declare(basicDecoder({ ...query, outputIndexDims: outputShape }));
      return {
        decoderQuery: (batch, from) => decoder.decoderQuery(batch, from),
        call: (query, latents) => {
          const output = decoder(query, latents); // [B, T·H·W, C]
          return tf.reshape(output, [output.shape[0], ...outputShape, output.shape[2]]);
        },
      };
    },
    { kind: 'decoder', config },
  );
};
