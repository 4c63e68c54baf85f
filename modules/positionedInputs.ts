/**
 * The last step of preprocessing a grid: it becomes a sequence of elements with position encodings.
 */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../lib/data/array.js';
import { type FullOf, naturalTo, oneOf, required, withDefault } from '../lib/data/config.js';
import type { Scope } from '../lib/language/scope.js';
import { sameShape, ShapeError, showShape } from '../lib/data/shape.js';
import { linear } from './linear.js';
import { declarePosition, positionConfig } from './position.js';
import type { Preprocessed, PreprocessOptions } from './processor.js';

const source = 'io_processors.py `_build_network_inputs`';

/** Config fields of the preprocessors that encode positions. */
export const positionFields = {
  position: required(positionConfig, { doc: 'Encoding of the positions.', source }),
  numPositionLayers: withDefault(naturalTo(512), 0, {
    doc: 'Residual linear layers that encodings go through, ReLUs between them.',
    source: `${source}, n_extra_pos_mlp`,
  }),
  combine: withDefault(oneOf('concat', 'add'), 'concat', {
    doc: 'concat: encodings are further channels after the features. add: encodings are added to the features.',
    source: `${source}, concat_or_add_pos`,
  }),
};
export type PositionFields = FullOf<typeof positionFields>;

/** Residual linear layers with ReLUs between them: [B, M, P] to [B, M, P]. */
const refine = (s: Scope, encodings: tf.Tensor, numLayers: number): tf.Tensor => {
  let x = encodings;
  for (let i = 0; i < numLayers; i++) {
    x = tf.add(x, linear(x.shape[x.rank - 1])(s, x));
    if (i < numLayers - 1) x = tf.relu(x);
  }
  return x;
};

/** Features and encodings as one. @throws ShapeError when they are to be added and are not of the same shape */
const join = (features: tf.Tensor, encodings: tf.Tensor, combine: PositionFields['combine']): tf.Tensor => {
  if (combine === 'concat') return tf.concat([features, encodings], -1);
  if (sameShape(features.shape, encodings.shape)) return tf.add(features, encodings);
  throw new ShapeError(
    `positions have shape ${showShape(encodings.shape)}, which cannot be added to features ${showShape(features.shape)}`,
  );
};

/**
 * Encodes the positions of a grid of features and joins the two, as a sequence or still as a grid.
 *
 * Shapes: B batch, N… the grid, M its size, C channels, P channels of encodings.
 * @param features [B, N…, C]
 * @returns inputs [B, M, C + P] (or C where encodings are added), without positions [B, M, C]; with N… for M where
 * `is1d` is false
 * Source: io_processors.py `ImagePreprocessor._build_network_inputs`, `AudioPreprocessor._build_network_inputs`.
 */
export const positionedInputs = (
  s: Scope,
  { position, numPositionLayers, combine }: PositionFields,
  features: tf.Tensor,
  { pos, is1d = true }: PreprocessOptions = {},
): Preprocessed => {
  const [batch, ...rest] = features.shape;
  const indexDims = rest.slice(0, -1);
  const withoutPositions = is1d
    ? tf.reshape(features, [batch, sizeOf(indexDims), rest[rest.length - 1]])
    : features;
  const encodings = refine(s, declarePosition(s, position, indexDims)(batch, pos), numPositionLayers); // [B, M, P]
  const placed = tf.reshape(encodings, [
    ...withoutPositions.shape.slice(0, -1),
    encodings.shape[2] as number,
  ]);
  return { inputs: join(withoutPositions, placed, combine), withoutPositions };
};
