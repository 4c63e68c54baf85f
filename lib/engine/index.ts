/** Engines: how tensors are computed. They know nothing of layers, scopes or checkpoints. */
export { engine, isStarted, requireEngine, stopThreads } from './start.js';
export type { Backend, EngineInfo, EngineOptions, Kernels } from './start.js';
export { emptyLike, isWithoutData, NoDataError, withoutData } from './withoutData.js';
export type { Spec } from './withoutData.js';
export { gradients } from './gradients.js';
export type { Gradients } from './gradients.js';
export { tensorsIn, tidy } from './tidy.js';
