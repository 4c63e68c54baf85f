/**
 * Training: transformations of gradients, schedules, losses and metrics, one step, data with a position, and the loop.
 * Functions that compose; nothing here knows a layer or a preset.
 */
export { applyUpdates, chain, identity, labelled, masked, transformation } from './transformation.js';
export type { OptimizerState, Transformation, Updated } from './transformation.js';
export { layoutOf, Leaves, pack, unpack } from './leaves.js';
export type { Layout, Slot } from './leaves.js';
export * from './schedules.js';
export * from './moments.js';
export * from './scaling.js';
export * from './factored.js';
export * from './optimizers.js';
export * from './multiSteps.js';
export * from './losses.js';
export * from './autoencoderLoss.js';
export { readMetrics, trainStep } from './trainStep.js';
export type { Loss, LossOptions, LossResult, StepMetrics, TrainStep, TrainStepOptions } from './trainStep.js';
export { donate as freeTrainState, hostLeaves, stepOf, weightsOf } from './trainState.js';
export type { AveragedParams, HostWeights, TrainState } from './trainState.js';
export type { AverageOptions } from './average.js';
export { examplesOf } from './batch.js';
export type { OnEngine } from './batch.js';
export { findNotFinite, showNotFinite } from './notFinite.js';
export type { NotFinite } from './notFinite.js';
