/**
 * Decodes optical flow: the queries are the preprocessed inputs themselves, one for each pixel.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  count,
  type OptionsFor,
  positive,
  required,
  sizes,
  withDefault,
} from '../lib/data/config.js';
import { sizeOf } from '../lib/data/array.js';
import { module } from '../lib/language/module.js';
import { ShapeError } from '../lib/data/shape.js';
import { basicDecoder, queryFields } from './basicDecoder.js';
import type { Decoder } from './decoder.js';

const source = 'perceiver.py `FlowDecoder`';

// The queries are the inputs; the original builds a position encoding here and never uses it.
const { position: _unused, ...fields } = queryFields;

export const flowDecoderConfig = config(
  'flowDecoder',
  'One query for each pixel, made of the inputs themselves.',
  {
    outputShape: required(sizes, { doc: 'Height and width of the flow.', source }),
    outputChannels: withDefault(count, 2, { doc: 'Channels of the flow: right and down.', source }),
    rescaleFactor: withDefault(positive, 100, { doc: 'Divisor of the prediction.', source }),
    ...fields,
  },
);
export type FlowDecoderOptions = OptionsFor<typeof flowDecoderConfig>;

/**
 * query [B, H·W, C], the first H·W of the inputs, latents [B, N, D] to [B, H, W, outputChannels].
 * @throws ShapeError when points are asked for, or queries without inputs
 * Source: perceiver.py `FlowDecoder`; arXiv:2107.14795, section 4.2.
 */
export const flowDecoder = (options: FlowDecoderOptions) => {
  const config = flowDecoderConfig.make(options);
  const { outputShape, rescaleFactor, ...query } = config;
  const numPixels = sizeOf(outputShape);
  /** The first image's elements, where those of a second one follow. */
  const firstOf = (inputs: tf.Tensor3D): tf.Tensor3D =>
    inputs.shape[1] === numPixels ? inputs : tf.slice(inputs, [0, 0, 0], [-1, numPixels, -1]);
  return module(
    'flow_decoder',
    (s): Decoder<tf.Tensor4D> => {
      const decoder = s.declare(basicDecoder(query));
      return {
        decoderQuery: (_batch, { inputs, points } = {}) => {
          if (points) throw new ShapeError('the flow decoder decodes every pixel; points are not supported');
          if (!inputs) throw new ShapeError("the flow decoder's queries are the inputs; none were given");
          return { query: firstOf(inputs as tf.Tensor3D) };
        },
        call: (query, latents) => {
          const flow = tf.div(decoder(query, latents), rescaleFactor); // [B, H·W, 2]
          return tf.reshape(flow, [flow.shape[0], outputShape[0], outputShape[1], config.outputChannels]);
        },
      };
    },
    { kind: 'decoder', config },
  );
};
