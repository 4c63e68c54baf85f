/**
 * The decoded sequence of several modalities, taken apart and postprocessed one by one.
 */
import * as tf from '@tensorflow/tfjs-core';
import { module } from '../lib/language/module.js';
import type { Declared } from '../lib/language/scope.js';
import { expectShape, ShapeError } from '../lib/data/shape.js';
import type { Postprocessor } from './processor.js';

/**
 * Takes a sequence of several modalities apart.
 * @param x [B, N, C], modalities in the order of their names
 * @param modalitySizes how many of the N elements are each modality's
 * @returns [B, size, C] for each modality
 * @throws ShapeError when the sizes do not add up to N
 * Source: io_processors.py `restructure`.
 */
export const restructure = (
  x: tf.Tensor,
  modalitySizes: Readonly<Record<string, number>>,
): Record<string, tf.Tensor> => {
  const { N } = expectShape('x', x.shape, ['B', 'N', 'C']);
  const names = Object.keys(modalitySizes).sort();
  const total = names.reduce((sum, name) => sum + modalitySizes[name], 0);
  if (total !== N)
    throw new ShapeError(`x has ${N} elements, the modalities ${names.join(', ')} have ${total}`);
  let start = 0;
  const parts = names.map((name) => {
    const part = tf.slice(x, [0, start, 0], [-1, modalitySizes[name], -1]);
    start += modalitySizes[name];
    return [name, part] as const;
  });
  return Object.fromEntries(parts);
};

/** Declared postprocessors by modality. */
export type PostprocessorModalities = Readonly<Record<string, Declared<Postprocessor>>>;

/**
 * A sequence [B, N, C] with its modalities' sizes, or a record of one sequence for each modality, to a record of
 * outputs. No parameters of its own.
 * @throws ShapeError when the sizes do not fit the sequence
 * Source: io_processors.py `MultimodalPostprocessor`.
 */
export const multimodalPostprocessor = (modalities: PostprocessorModalities) =>
  module(
    'multimodal_postprocessor',
    () =>
      (
        x: tf.Tensor | Readonly<Record<string, tf.Tensor>>,
        modalitySizes?: Readonly<Record<string, number>>,
      ): Record<string, tf.Tensor> => {
        if (x instanceof tf.Tensor && !modalitySizes)
          throw new TypeError('a sequence of several modalities needs their sizes: modalitySizes is missing');
        const parts = x instanceof tf.Tensor ? restructure(x, modalitySizes as Record<string, number>) : x;
        const outputs = Object.entries(modalities).map(([name, postprocessor]) => {
          if (!parts[name]) throw new TypeError(`there is no output for the modality '${name}'`);
          return [name, postprocessor(parts[name])] as const;
        });
        return Object.fromEntries(outputs);
      },
    { kind: 'postprocessor' },
  );
