/** Graphs: layers written down, passes over them, and their sizes and costs. */
export type { Constant, Graph, Input, Node, Output, Result, Value, ValueType, Weight } from './graph.js';
export { flopsOf } from './flops.js';
export type { Names } from './names.js';
export type { OpenSpec, OpenSpecOf } from './openSizes.js';
export { summaryMarkdown, summaryText } from './showSummary.js';
export { showSize } from './size.js';
export type { Size, Sizes } from './size.js';
export { summary } from './summary.js';
export type { Memory, ModuleSummary, Summary } from './summary.js';
export { trace } from './trace.js';
export { traceFunction } from './traceFunction.js';
export type { Call, Trace } from './graph.js';
export type { TracedFunction, TraceOptions } from './traceFunction.js';
export { OpenSizeError } from './unify.js';
