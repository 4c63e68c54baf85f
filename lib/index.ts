/**
 * The public language: scopes, modules, transforms, combinators, trees, parameters. Layers are in `renga/modules`,
 * models in `renga/presets`, files in `renga/checkpoint`.
 */
export { array, float32, int32, sizeOf } from './data/array.js';
export type { DType, HostArray, Shape } from './data/array.js';
export { capture } from './language/capture.js';
export type { Captured, CaptureOptions } from './language/capture.js';
export {
  chain,
  fanOut,
  identity,
  layerStack,
  layerStackWithInputs,
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
} from './language/combinators/index.js';
export type { LayerStackOptions, PerLayer, Rows } from './language/combinators/index.js';
export * as configs from './data/config.js';
export { engine, stopThreads } from './engine/index.js';
export type { Backend, EngineInfo, EngineOptions, Kernels } from './engine/index.js';
export { adopt, showAdoptError } from './language/adopt.js';
export type { AdoptError, AdoptOptions, AdoptProblem, AdoptReport, Adopted } from './language/adopt.js';
export { isTensor, place, toHost, toHostSync, toTensor } from './data/leaf.js';
export type { Leaf, Params, Placed, State, Weights } from './data/leaf.js';
export { module, type ModuleOptions } from './language/module.js';
export { nameOfClass } from './language/names.js';
export type { ArraySpec, SpecOf, Specs } from './data/nest.js';
export { outline } from './language/outline.js';
export type { Outline } from './language/outline.js';
export { foldIn, key, MissingKeyError, split } from './random/index.js';
export type { Key, LazyKey, Mode } from './random/index.js';
export type { ChangeParam, Interceptor, MethodCall, ParamRead } from './language/intercept.js';
export type { FirstState, InitialState, Observer, ParamSpec, Visit } from './language/reading.js';
export type { ModuleKind } from './data/moduleKind.js';
export type { Declared, Layer, Methods, Module, Scope } from './language/scope.js';
export { expectShape, ShapeError } from './data/shape.js';
export { orThrow } from './data/orThrow.js';
export { relu, sigmoid, silu, softmax, tanh } from './language/activations.js';
export { stopGradient, valueAndGrad } from './language/valueAndGrad.js';
export type {
  GradsOf,
  LossAndAux,
  PartOptions,
  ValueAndGrad,
  ValueAndPartGrad,
} from './language/valueAndGrad.js';
export { eachPart } from './language/watch.js';
export type { Shown, Watcher } from './language/watch.js';
export {
  transform,
  transformMany,
  transformManyWithState,
  transformWithState,
} from './language/transform.js';
export type {
  ApplyOptions,
  InitOptions,
  Transformed,
  TransformedMany,
  TransformedManyWithState,
  TransformedWithState,
} from './language/transform.js';
export * as tree from './data/trees.js';
export type { Tree } from './data/tree.js';
