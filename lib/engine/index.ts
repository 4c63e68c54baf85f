/**
 * Engines: the operations that tensors are computed with, on the backend that runs. All that other folders use of this
 * one; nothing in it knows of layers, scopes or checkpoints.
 */
export { engine, engineInfo, isStarted, requireEngine, stopThreads } from './wasm/start.js';
export { settle } from './wasm/jobs.js';
export type { Backend, EngineInfo, EngineOptions, Kernels } from './wasm/start.js';

// Programs read for their shapes alone.
export { emptyLike, isWithoutData, NoDataError, withoutData } from './shapes/withoutData.js';
export type { IsComposed, KernelCall, Spec } from './shapes/withoutData.js';
export { canEvaluate, evaluateKernel } from './shapes/evaluate.js';
export type { Values } from './shapes/evaluate.js';
export { explicitPadding } from './shapes/windows.js';

// Gradients, and the lifetime of tensors.
export { gradients } from './derivatives/gradients.js';
export type { Gradients } from './derivatives/gradients.js';
export { isRecording, unrecorded } from './operations/tape.js';
export { recomputed, repetition } from './operations/recomputed.js';
export { closing } from './operations/closing.js';
export { readAtOnce } from './operations/onBackend.js';
export { donate, expectNotDonated, own } from './operations/ownership.js';
export { keepingAll, tensorsIn, tidy } from './operations/tidy.js';

// Operations that tfjs lacks.
export { adamStep } from './operations/adam.js';
export { affine } from './operations/affine.js';
export { attention, composedWeights } from './operations/attention.js';
export type { AttentionAttrs, AttentionInputs } from './operations/attention.js';
export { attentionInParts } from './operations/attentionInParts.js';
export { projectedFirst, projectedLast } from './operations/attentionProducts.js';
export type { Sides } from './operations/attentionProducts.js';
export { bandBytes, bandOf, isWhole, keysSeen, pairsSeen, shiftBand } from './operations/band.js';
export type { Band } from './operations/band.js';
export { everyNth } from './operations/everyNth.js';
export { fourier } from './operations/fourier.js';
export { gelu } from './operations/gelu.js';
export { layerNorm } from './operations/layerNorm.js';
export { patches } from './operations/patches.js';
export { bernoulliTensor, keyOfTensor, tensorOfWords, uniformTensor } from './operations/random.js';
export { AwaitedValuesError, valuesAtHand } from './operations/valuesAtHand.js';
export { ofParts } from './operations/rows.js';
export {
  choose,
  lengthsOf,
  type PackAttributes,
  packRows,
  sumsOfRows,
  unpackRows,
} from './operations/pack.js';
