/** Runners: the library's engine or onnxruntime compute layers with certain weights. */
export { compile, compileRunner } from './compile.js';
export type { Compiled } from './compile.js';
export type { CompileOptions } from './compileOptions.js';
export { compileStep } from './compileStep.js';
export type { CompiledStep, StepOptions } from './compileStep.js';
export { onnxruntime } from './onnxruntime.js';
export type { OnnxRuntime } from './onnxruntime.js';
export { engineRunner } from './runner.js';
export type { Hosts, Runner } from './runner.js';
export type { RuntimeState } from './runtimeState.js';
export type { Step } from './stepProgram.js';
