/**
 * The public language: scopes, modules, transforms, combinators, trees, parameters. Layers are in `renga/modules`,
 * models in `renga/presets`, files in `renga/checkpoint`.
 */
export { array, float32, int32, sizeOf } from './array.js';
export type { DType, HostArray, Shape } from './array.js';
export { capture } from './capture.js';
export type { Attention, CaptureOptions } from './capture.js';
export {
  chain,
  fanOut,
  identity,
  lift,
  mapInputs,
  mapOutput,
  named,
  parallel,
  remat,
  repeat,
  residual,
  stack,
  whenTraining,
} from './combinators/index.js';
export type { Rows } from './combinators/index.js';
export * as configs from './config.js';
export { engine, stopThreads } from './engine/start.js';
export type { Backend, EngineInfo, EngineOptions, Kernels } from './engine/start.js';
export { fit, showFitError } from './fit.js';
export type { FitError, FitOptions, FitProblem, FitReport, Fitted } from './fit.js';
export { isTensor, place, toHost, toHostSync, toTensor } from './leaf.js';
export type { Leaf, Params, Placed, State } from './leaf.js';
export { module } from './module.js';
export { nameOfClass } from './names.js';
export type { ArraySpec, SpecOf, Specs } from './nest.js';
export { outline } from './outline.js';
export type { Outline } from './outline.js';
export { foldIn, key, MissingKeyError, split } from './random/index.js';
export type { Key, LazyKey, Mode } from './random/index.js';
export type { InitialState, Observer, ParamSpec, Visit, WeightsTap } from './reading.js';
export type { Declared, Layer, Methods, Module, Scope } from './scope.js';
export { expectShape, ShapeError } from './shape.js';
export { valueAndGrad } from './valueAndGrad.js';
export type { GradsOf, LossAndAux, ValueAndGrad } from './valueAndGrad.js';
export { transform, transformMany, transformWithState } from './transform.js';
export type { ApplyOptions, InitOptions, Transformed, TransformedWithState } from './transform.js';
export * as tree from './trees.js';
export type { Tree } from './tree.js';
