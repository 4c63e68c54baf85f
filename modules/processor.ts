/**
 * The contracts of preprocessors, which turn a person's arrays into a sequence for the encoder, and of postprocessors,
 * which turn the decoder's output into a person's arrays.
 */
import type { Tensor } from '@tensorflow/tfjs-core';

/** A sequence for the encoder, and the sources of the decoder's queries. */
export interface Preprocessed {
  /** [B, M, C], positions included. */
  readonly inputs: Tensor;
  /** [B, M, C'], before positions were added; by modality where there are several. */
  readonly withoutPositions: Tensor | Readonly<Record<string, Tensor>>;
  /** Number of elements of each modality among the M, in the order of the modalities' names. */
  readonly modalitySizes?: Readonly<Record<string, number>>;
}

export interface PreprocessOptions {
  /** Positions [B, M, D] in [-1, 1], in place of the grid's. */
  readonly pos?: Tensor;
  /** True to flatten the grid to one dimension; true if not given. */
  readonly is1d?: boolean;
}

export type Preprocessor<X = Tensor> = {
  readonly call: (x: X, options?: PreprocessOptions) => Preprocessed;
};

export type Postprocessor<Y = Tensor, Z = Tensor> = {
  readonly call: (outputs: Y, modalitySizes?: Readonly<Record<string, number>>) => Z;
};
