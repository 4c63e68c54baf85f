/**
 * Tracing: a layer runs once, on shapes alone, and what it does is written down as a graph. Layers need no change for it,
 * and no engine has to run.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../array.js';
import { emptyLike } from '../engine/withoutData.js';
import { isTensor } from '../leaf.js';
import { type ArraySpec, mapNest, partsOf, type SpecOf } from '../nest.js';
import { isSpec, outline } from '../outline.js';
import { initReading, type Visit } from '../reading.js';
import { type Layer, rootScope } from '../scope.js';
import type { Tree } from '../tree.js';
import type { Graph, Input, Output, ValueType, Weight } from './graph.js';
import { namer, type Names, partName } from './names.js';
import { record, type Recorder } from './record.js';
import { simplify } from './simplify.js';

/** One call of one module's method, as it was traced. */
export interface Call {
  /** The module's path, as in the parameter tree. */
  readonly path: string;
  /** `call`, or the name of another method. */
  readonly method: string;
  readonly config: unknown;
  /** Shapes of the tensors among its arguments, and of those that it gives. */
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
}

/** A layer written down. */
export interface Trace extends Graph {
  /** Calls of modules, in the order in which they end: what a module calls comes before it. */
  readonly calls: readonly Call[];
  /** Most bytes that intermediate tensors take at once where the layer runs on an engine of ours. */
  readonly peakBytes: number;
}

const shapesIn = (nest: unknown): Shape[] => partsOf(nest, isTensor).map(({ shape }) => shape);

const callOf = ({ path, method, config, inputs, output }: Visit): Call => ({
  path,
  method,
  config,
  inputs: shapesIn(inputs),
  outputs: shapesIn(output),
});

const typeOf = ({ dtype = 'float32' }: ArraySpec): ValueType => dtype;

/** Tensors without data in the places of a layer's inputs, each with its name. */
const nameInputs = (specs: readonly unknown[], { inputs: roots = [] }: Names, recorder: Recorder) => {
  const unique = namer();
  const inputs: Input[] = [];
  const tensors = specs.map((spec, i) =>
    mapNest(spec, isSpec, (part, path) => {
      const name = unique(partName(roots[i] ?? 'input', path) || 'input');
      const input: Input = { kind: 'input', name, shape: [...part.shape], dtype: typeOf(part) };
      const tensor = emptyLike({ shape: input.shape as number[], dtype: input.dtype });
      recorder.name(tensor, input);
      inputs.push(input);
      return tensor;
    }),
  );
  return { inputs, tensors };
};

const nameOutputs = (nest: unknown, { output: root = 'output' }: Names, recorder: Recorder): Output[] => {
  const outputs: Output[] = [];
  mapNest(nest, isTensor, (tensor, path) => {
    outputs.push({ name: partName(root, path) || 'output', value: recorder.valueOf(tensor) });
  });
  return outputs;
};

/** What a scope is answered while a recorder listens: weights without data, evaluation, no keys. */
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
 * Writes a layer down, as it is in evaluation, operation by operation.
 * @param inputs  as for `outline`: tensors, or `{ shape, dtype }` in their places
 * @throws ShapeError where shapes do not fit; NoDataError, with the module's path, where a layer reads values to decide
 * what to do
 */
export const traceRaw = <A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  inputs: SpecOf<A>,
  names: Names = {},
): Trace => {
  const { state } = outline(layer, inputs);
  const { nodes, result, peakBytes } = record((recorder) => {
    const { reading, weights, calls, release } = tracingReading(state, recorder);
    try {
      const given = nameInputs(inputs as readonly unknown[], names, recorder);
      const output = layer(rootScope(reading), ...(given.tensors as unknown as A));
      return { inputs: given.inputs, outputs: nameOutputs(output, names, recorder), weights, calls };
    } finally {
      release();
    }
  });
  return { ...result, nodes, peakBytes };
};

export interface TraceOptions {
  /** What inputs and outputs are called. */
  readonly names?: Names;
}

/**
 * A layer's graph, simplified: nothing is computed twice, and what depends on no input and no weight not at all.
 * @param inputs  as for `outline`: tensors, or `{ shape, dtype }` in their places
 * @throws ShapeError where shapes do not fit; NoDataError, with the module's path, where a layer reads values to decide
 * what to do
 * @example trace(linear(3), [{ shape: [2, 6] }]).nodes.map(({ kernel }) => kernel) // ['BatchMatMul', 'Add']
 */
export const trace = <A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  inputs: SpecOf<A>,
  { names }: TraceOptions = {},
): Trace => simplify(traceRaw(layer, inputs, names));
