/**
 * Training: transformations of gradients, schedules, losses and metrics, one step, data with a position, and the loop.
 * Functions that compose; nothing here knows a layer or a preset.
 */
export { applyUpdates, chain, identity, labelled, masked, transformation } from './transformation.js';
export type { OptimizerState, Transformation, Updated } from './transformation.js';
export { layoutOf, Leaves, pack, unpack } from './leaves.js';
export type { Layout, Slot } from './leaves.js';
export { allBut } from './selected.js';
export { lora } from './lora.js';
export type { Lora, LoraOptions } from './lora.js';
export { scaleByPath } from './scaleByPath.js';
export type { Rates } from './scaleByPath.js';
export { showTrained, trainedParts } from './trained.js';
export type { TrainedOptions, TrainedPart } from './trained.js';
export * from './schedules.js';
export * from './moments.js';
export * from './scaling.js';
export * from './factored.js';
export * from './optimizers.js';
export * from './multiSteps.js';
export * from './losses.js';
export * from './autoencoderLoss.js';
export { readMetrics, trainStep } from './trainStep.js';
export type {
  Loss,
  LossAdapters,
  LossOptions,
  LossResult,
  StepMetrics,
  TrainStep,
  TrainStepOptions,
} from './trainStep.js';
export { donate as freeTrainState } from '../engine/index.js';
export { hostLeaves, stepOf, takeWeights, weightsOf } from './trainState.js';
export type { AveragedParams, HostWeights, TrainState } from './trainState.js';
export type { AverageOptions } from './average.js';
export { examplesOf } from '../data/examples.js';
export type { OnEngine } from './batch.js';
export { findNotFinite, showNotFinite } from './notFinite.js';
export type { NotFinite } from './notFinite.js';
export * as metrics from './metrics.js';
export type { Figure, Weighting } from './metrics.js';
export {
  batches,
  EndOfData,
  epochOrder,
  exampleKey,
  inOrder,
  mapData,
  stackExamples,
  streamed,
} from './data.js';
export type { Arrays, Batched, BatchOptions, Data, Examples } from './data.js';
export { train } from './train.js';
export { loopStep } from './loopStep.js';
export type { ComputedStep } from './loopStep.js';
export type { CheckpointOptions } from './resume.js';
export type { EvaluateOptions, Figures } from './judging.js';
export type { LoopStep, TrainEvent, TrainOptions } from './train.js';
export { changeRecipe, recipeConfig, recipeOptimizer, recipeSchedule, scaleRecipe } from './recipe.js';
export { ourChoice } from './ourChoice.js';
export type { Recipe, RecipeSettings, Scale } from './recipe.js';
export { recipeRun } from './recipeRun.js';
export type { RecipeRun, RecipeRunOptions, RecipeTraining, Tuning } from './recipeRun.js';
export { classFolders, classTable, readable } from './readers/labelledFiles.js';
export type { LabelledFile, LabelledFiles, Readable, ReadableOptions } from './readers/labelledFiles.js';
export { parseTable } from './readers/table.js';
export type { Table } from './readers/table.js';
export { maskWords } from './augment/maskWords.js';
export type { MaskedText, MaskWordsOptions } from './augment/maskWords.js';
export { cutBox, mixBatch, mixedBatches } from './augment/mix.js';
export type { CutBox, MixOptions } from './augment/mix.js';
export { randAugment } from './augment/randAugment.js';
export type { RandAugmentOptions } from './augment/randAugment.js';
export { mirrored, randomArea, randomCrop, randomFlip, resizeUnclamped } from './augment/geometry.js';
export type { CropRange } from './augment/geometry.js';
export { forwardAndReversed, phased } from './augment/phases.js';
export type { FlowPair, Phase } from './augment/phases.js';
export { evaluation } from './evaluation.js';
export type { EvaluationOptions } from './evaluation.js';
export { plotRun } from './plotRun.js';
export type { PlotOptions } from './plotRun.js';
export { jsonLines, jsonOf, linesUpTo, showEvent } from './log.js';
export { checkpointsIn, folderStore, memoryStore } from './checkpointStore.js';
export type { CheckpointStore } from './checkpointStore.js';
export { opfsStore } from './opfsStore.js';
export {
  arraysOfState,
  formatTrainCheckpoint,
  parseTrainCheckpoint,
  showTrainCheckpointError,
} from './trainCheckpoint.js';
export type { Best, Environment, Restored, RunRecord, TrainCheckpointError } from './trainCheckpoint.js';
export { fromOptax, toOptax } from './optaxState.js';
export { fromJax, jaxlineKeys, toJax } from './jaxRun.js';
export type { PartNames } from './jaxRun.js';
