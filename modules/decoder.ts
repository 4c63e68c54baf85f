/**
 * The contract of decoders: a decoder makes queries, one for each output element, and decodes latents with them.
 */
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';

/** Sources of queries, beside the batch size. */
export interface QueryInputs {
  /** The preprocessed inputs [B, M, C]. */
  readonly inputs?: Tensor;
  /** The preprocessed inputs before positions were added; by modality where there are several. */
  readonly withoutPositions?: Tensor | Readonly<Record<string, Tensor>>;
  /** The output elements to decode, row-major indices into the output's grid; by modality where there are several. */
  readonly points?: Points | Readonly<Record<string, Points | undefined>>;
}

/** Row-major indices into an output's grid, as numbers or as a tensor [points] of int32. */
export type Points = ArrayLike<number> | Tensor;

/** Queries [B, O, C], and the number of queries of each modality, in the order of the modalities' names. */
export interface Queries {
  readonly query?: Tensor3D;
  readonly modalitySizes?: Readonly<Record<string, number>>;
}

export type Decoder<B = Tensor> = {
  /** query [B, O, C], latents [B, N, D], queryMask [B, O] to the output. */
  readonly call: (query: Tensor | undefined, latents: Tensor, queryMask?: Tensor) => B;
  readonly decoderQuery: (batch: number, from?: QueryInputs) => Queries;
};
