/**
 * Position encodings as configs choose them: Fourier features or trained vectors, projected to another width or not.
 */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../lib/data/array.js';
import { config, count, optional, type OptionsFor, union } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import type { Declared, Module, Scope } from '../lib/language/scope.js';
import { fourierPosition, fourierPositionConfig } from './fourierPosition.js';
import { linear } from './linear.js';
import { trainablePosition, trainablePositionConfig } from './trainablePosition.js';

/** Gives encodings for a batch size, or for positions [B, N, D] in [-1, 1]: [B, N, C]. */
export type PositionEncoding = { readonly call: (batch: number, pos?: tf.Tensor) => tf.Tensor3D };

const projectTo = optional(count, {
  doc: 'Width that a linear layer projects the encoding to; not projected if not given.',
  source: 'position_encoding.py `build_position_encoding`, project_pos_dim',
});

export const positionConfig = union('position', {
  fourier: config('fourier', fourierPositionConfig.doc, { ...fourierPositionConfig.fields, projectTo }),
  trainable: config('trainable', trainablePositionConfig.doc, {
    ...trainablePositionConfig.fields,
    projectTo,
  }),
});
export type PositionOptions = OptionsFor<typeof positionConfig>;

/**
 * Projects another encoding's output with a linear layer.
 * Source: position_encoding.py `PositionEncodingProjector`.
 */
export const positionProjector = (
  base: Declared<PositionEncoding>,
  outputChannels: number,
): Module<PositionEncoding> =>
  module(
    'position_encoding_projector',
    (s) => (batch: number, pos?: tf.Tensor) => linear(outputChannels)(s, base(batch, pos)) as tf.Tensor3D,
    { kind: 'position', config: { outputChannels } },
  );

const unprojected = (options: PositionOptions, indexDims: readonly number[]): Module<PositionEncoding> => {
  switch (options.kind) {
    case 'fourier': {
      const { kind: _kind, projectTo: _width, ...rest } = options;
      return fourierPosition(indexDims, rest);
    }
    case 'trainable': {
      const { kind: _kind, projectTo: _width, ...rest } = options;
      return trainablePosition(sizeOf(indexDims), rest);
    }
  }
};

/**
 * Declares the position encoding of a grid.
 * Source: position_encoding.py `build_position_encoding`.
 */
export const declarePosition = (
  s: Scope,
  options: PositionOptions,
  indexDims: readonly number[],
): Declared<PositionEncoding> => {
  const base = s.declare(unprojected(options, indexDims));
  return options.projectTo === undefined ? base : s.declare(positionProjector(base, options.projectTo));
};
