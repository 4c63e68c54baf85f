/**
 * Reshaping with the first axes kept. Nothing is trained.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as t from 'io-ts';
import { sizeOf } from '../lib/data/array.js';
import { config, integer, type OptionsFor, required, withDefault } from '../lib/data/config.js';
import { ShapeError, showShape } from '../lib/data/shape.js';
import { module } from '../lib/language/module.js';

const source = 'dm-haiku `hk.Reshape`, `hk.Flatten`';

const preserveDims = withDefault(integer, 1, {
  doc: 'Number of first axes that are kept; a negative number counts the last axes that are not.',
  source,
});

export const reshapeConfig = config('reshape', 'Another shape for the same numbers.', {
  outputShape: required(t.readonlyArray(integer, 'a list of whole numbers'), {
    doc: 'Sizes in place of the axes that are not kept; one may be -1, for the size that is left.',
    source,
  }),
  preserveDims,
});
export type ReshapeOptions = OptionsFor<typeof reshapeConfig> & { readonly name?: string };

export const flattenConfig = config('flatten', 'All axes but the first as one.', { preserveDims });
export type FlattenOptions = OptionsFor<typeof flattenConfig> & { readonly name?: string };

/**
 * [kept…, rest…] to [kept…, outputShape…]; x as it is when it has no axes to reshape. No parameters.
 * @throws RangeError when preserveDims is 0 or two sizes are -1; ShapeError when the numbers do not fill the shape
 * @example reshape({ outputShape: [4, -1] }) // [2, 3, 2, 4] to [2, 4, 6]
 * Source: dm-haiku `hk.Reshape`.
 */
export const reshape = (given: ReshapeOptions) => {
  const { name = 'reshape', ...options } = reshapeConfig.given(given);
  const config = reshapeConfig.make(options);
  const { outputShape, preserveDims } = config;
  if (preserveDims === 0) throw new RangeError('preserveDims is 0, expected another number');
  if (outputShape.filter((size) => size === -1).length > 1)
    throw new RangeError(`outputShape is ${showShape(outputShape)}, expected one -1 at most`);
  return module(
    name,
    () =>
      (x: tf.Tensor): tf.Tensor => {
        if (x.rank <= preserveDims) return x;
        const [kept, rest] = [x.shape.slice(0, preserveDims), x.shape.slice(preserveDims)];
        const known = sizeOf(outputShape.filter((size) => size !== -1));
        const shape = outputShape.map((size) => (size === -1 ? sizeOf(rest) / known : size));
        if (sizeOf(shape) === sizeOf(rest) && shape.every(Number.isInteger))
          return tf.reshape(x, [...kept, ...shape]);
        throw new ShapeError(`x has sizes ${showShape(rest)}, which do not fill ${showShape(outputShape)}`);
      },
    { config },
  );
};

/**
 * [kept…, rest…] to [kept…, N], N the product of the rest; x as it is when it has no axes to flatten. No parameters.
 * @throws RangeError when preserveDims is 0
 * Source: dm-haiku `hk.Flatten`.
 */
export const flatten = ({ name = 'flatten', ...options }: FlattenOptions = {}) =>
  reshape({ ...flattenConfig.make(options), outputShape: [-1], name });
