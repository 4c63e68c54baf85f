/**
 * The outputs of an original model, as a preset's verify.ts gives them: the file, and the names of inputs and outputs.
 */
import type * as tf from '@tensorflow/tfjs-core';

/** Inputs or outputs by name. */
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** The first and the last output element to decode, by modality. */
export type Points = Readonly<Record<string, readonly [first: number, last: number]>>;

export interface Original {
  /** The JSON file of a `Verification`. */
  readonly file: URL;
  /** The arguments of the network in their order. */
  readonly argumentsOf: (inputs: Tensors, points: Points, config: never) => readonly unknown[];
  /** The network's outputs by name; default: one output, `logits`. */
  readonly outputsOf?: (output: never) => Tensors;
}
