/**
 * The Perceiver: preprocess, encode into latents, decode with queries, postprocess. Its parts are declared outside and
 * keep their own paths.
 */
import * as tf from '@tensorflow/tfjs-core';
import { module } from '../lib/language/module.js';
import type { Declared } from '../lib/language/scope.js';
import type { Decoder, QueryInputs } from './decoder.js';
import type { Encoder } from './encoder.js';
import type { Postprocessor, Preprocessor } from './processor.js';

/** Options of a Perceiver's call. */
export interface PerceiverInputs {
  /** Mask of the inputs [B, M]: zero = absent. */
  readonly inputMask?: tf.Tensor;
  /** Mask of the output elements [B, O]: zero = attends to nothing. */
  readonly queryMask?: tf.Tensor;
  /** Positions of the inputs [B, M, D], in place of the grid's. */
  readonly pos?: tf.Tensor;
  /** Output elements to decode, in place of all. */
  readonly points?: QueryInputs['points'];
}

export interface PerceiverParts<X, Y, Z> {
  /** Not given for inputs that are a sequence [B, M, C] already. */
  readonly preprocessor?: Declared<Preprocessor<X>>;
  readonly encoder: Declared<Encoder>;
  readonly decoder: Declared<Decoder<Y>>;
  /** The decoder's output is the Perceiver's if not given. */
  readonly postprocessor?: Declared<Postprocessor<Y, Z>>;
}

/** The preprocessor of inputs that are a sequence [B, M, C] already. */
export const asTheyAre = (inputs: tf.Tensor) => ({ inputs, withoutPositions: inputs });

/** The decoder's output as it is. */
const unchanged = <Y, Z>(outputs: Y): Z => outputs as unknown as Z;

/**
 * (inputs, options) to the output. Keys and parameters are drawn in the order preprocessor, latents,
 * queries, encoder, decoder, postprocessor.
 * @example perceiver({ encoder: s.declare(encoder()), decoder: s.declare(classificationDecoder({ numClasses: 10 })) })(s, inputs)
 * Source: perceiver.py `Perceiver`; arXiv:2107.14795, figure 1.
 */
export const perceiver = <Y, X = tf.Tensor, Z = Y>({
  preprocessor = asTheyAre as Declared<Preprocessor<X>>,
  encoder,
  decoder,
  postprocessor = unchanged as Declared<Postprocessor<Y, Z>>,
}: PerceiverParts<X, Y, Z>) =>
  module(
    'perceiver',
    () =>
      (x: X, { inputMask, queryMask, pos, points }: PerceiverInputs = {}): Z => {
        const { inputs, withoutPositions, modalitySizes } = preprocessor(x, { pos });
        const batch = inputs.shape[0];
        const latents = encoder.latents(batch); // [B, N, D]
        const queries = decoder.decoderQuery(batch, { inputs, withoutPositions, points });
        const z = encoder(inputs, latents, inputMask); // [B, N, D]
        return postprocessor(decoder(queries.query, z, queryMask), queries.modalitySizes ?? modalitySizes);
      },
    { kind: 'model' },
  );
