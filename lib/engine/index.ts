/** Engines: how tensors are computed. They know nothing of layers, scopes or checkpoints. */
export { engine, isStarted, requireEngine, stopThreads } from './wasm/start.js';
export type { Backend, EngineInfo, EngineOptions, Kernels } from './wasm/start.js';
export { drawTensor, emptyLike, isWithoutData, NoDataError, withoutData } from './shapes/withoutData.js';
export type { Spec } from './shapes/withoutData.js';
export { gradients } from './derivatives/gradients.js';
export type { Gradients } from './derivatives/gradients.js';
export { tensorsIn, tidy } from './operations/tidy.js';
