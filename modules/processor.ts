/**
 * What pre- and postprocessors are: they stand between a person's arrays and the sequences that encoders and decoders
 * know.
 */
import type { Tensor } from '@tensorflow/tfjs-core';

/** A sequence for the encoder, and what decoders may make queries from. */
export interface Preprocessed {
  /** [B, M, C], positions included. */
  readonly inputs: Tensor;
  /** [B, M, C'], before positions were added; by modality where there are several. */
  readonly withoutPositions: Tensor | Readonly<Record<string, Tensor>>;
  /** How many of the M elements are each modality's, in the order of their names. */
  readonly modalitySizes?: Readonly<Record<string, number>>;
}

export interface PreprocessOptions {
  /** Positions [B, M, D] in [-1, 1], in place of the grid's. */
  readonly pos?: Tensor;
  /** Whether the grid is flattened to one dimension; true if not given. */
  readonly is1d?: boolean;
}

export type Preprocessor<X = Tensor> = {
  readonly call: (x: X, options?: PreprocessOptions) => Preprocessed;
};

export type Postprocessor<Y = Tensor, Z = Tensor> = {
  readonly call: (outputs: Y, modalitySizes?: Readonly<Record<string, number>>) => Z;
};
