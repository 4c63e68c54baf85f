/**
 * The graph of a layer as it is in evaluation: the traced function of its inputs whose parameters and state have the
 * paths that the layer gives them, with the calls of its modules.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { isTensor } from '../data/leaf.js';
import { type ArraySpec, partsOf } from '../data/nest.js';
import { expectInputs, type Outline, outline } from '../language/outline.js';
import { initReading, type Visit } from '../language/reading.js';
import { runProgram } from '../language/program.js';
import type { Layer } from '../language/scope.js';
import type { Tree } from '../data/tree.js';
import { checkOptions } from './checkTraced.js';
import type { Call, Trace, ValueType, Weight } from './graph.js';
import { isComposedByDefault } from './isComposedByDefault.js';
import type { PeakBytes } from './liveBytes.js';
import type { Names } from './names.js';
import type { Recorder } from './record.js';
import type { OpenSpecOf } from './openSizes.js';
import { recordFunction, type TraceOptions, traceOptions } from './traceFunction.js';
import { traceOpen } from './traceOpen.js';

const shapesIn = (nest: unknown): number[][] => partsOf(nest, isTensor).map(({ shape }) => shape);

const callOf = ({ path, method, kind, config, inputs, output }: Visit): Call => ({
  path,
  method,
  kind,
  config,
  inputs: shapesIn(inputs),
  outputs: shapesIn(output),
});

/** The reading of a layer that is being recorded: weights without data, evaluation, no keys. */
const tracingReading = (state: Tree<ArraySpec>, recorder: Recorder) => {
  const [weights, calls]: [Weight[], Call[]] = [[], []];
  const onMade = (kind: Weight['kind'], path: string, name: string, tensor: tf.Tensor): void => {
    const { shape, dtype } = tensor;
    const weight: Weight = { kind, path: `${path}/${name}`, shape: [...shape], dtype: dtype as ValueType };
    recorder.name(tensor, weight);
    weights.push(weight);
  };
  const { reading, release } = initReading({ isTraining: false, state, onMade });
  const observe = (visit: Visit): void => void calls.push(callOf(visit));
  return { reading: { ...reading, observe, within: recorder.within }, weights, calls, release };
};

/**
 * Writes a layer down as it is in evaluation, operation by operation, nothing simplified.
 * @returns the trace, the outline that came before it, and the most bytes that its tensors took at once as the layer
 * itself frees them
 */
export const traceAsIs = (
  layer: Layer<readonly unknown[], unknown>,
  inputs: readonly unknown[],
  names: Names = {},
  isComposed?: TraceOptions['isComposed'],
): { readonly trace: Trace; readonly outlined: Outline; readonly peakBytes: PeakBytes } => {
  const outlined = outline(layer, inputs as readonly ArraySpec[]);
  const run = (recorder: Recorder, args: readonly unknown[]) => {
    const { reading, weights, calls, release } = tracingReading(outlined.state, recorder);
    try {
      return { output: runProgram(reading, layer, args), more: { weights, calls } };
    } finally {
      release();
    }
  };
  const { graph, result, more, peakBytes } = recordFunction(run, inputs, { names, isComposed });
  return { trace: { ...graph, ...more, result }, outlined, peakBytes };
};

/**
 * A layer's graph, simplified: nothing is computed twice, and what depends on no input and no weight not at all.
 * @param inputs  tensors, or `{ shape, dtype }` in their places; a name such as 'batch' in the place of a size leaves it
 * open until the graph runs
 * @throws ShapeError where shapes do not fit; NoDataError, with the module's path, where a layer reads values to decide
 * what to do; OpenSizeError, with the module's path, where what it does depends on how large an open size is
 * @example trace(linear(3), [{ shape: ['batch', 6] }]).nodes.map(({ kernel }) => kernel) // ['BatchMatMul', 'Add']
 */
export const trace = <A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  inputs: OpenSpecOf<A>,
  options: TraceOptions = {},
): Trace => {
  expectInputs('trace', layer, inputs);
  checkOptions('trace', options, traceOptions);
  const { names, sizes = {}, isComposed = isComposedByDefault } = options;
  const any = layer as unknown as Layer<readonly unknown[], unknown>;
  return traceOpen(
    inputs as unknown as readonly unknown[],
    sizes,
    (specs) => traceAsIs(any, specs, names, isComposed).trace,
  );
};
