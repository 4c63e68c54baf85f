/** Runners: models compiled by onnxruntime, and what computes with a model's weights. */
export { compile } from './compile.js';
export type { Compiled, CompileOptions } from './compile.js';
export { onnxruntime } from './onnxruntime.js';
export type { OnnxRuntime } from './onnxruntime.js';
