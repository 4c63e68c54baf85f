/**
 * Tracing: a layer runs once, on shapes alone, and what it does is written down as a graph. Layers need no change for it,
 * and no engine has to run.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { emptyLike } from '../engine/index.js';
import { isTensor } from '../data/leaf.js';
import { type ArraySpec, mapNest, partsOf } from '../data/nest.js';
import { isSpec, type Outline, outline } from '../language/outline.js';
import { initReading, type Visit } from '../language/reading.js';
import { runProgram } from '../language/program.js';
import type { Layer } from '../language/scope.js';
import type { Tree } from '../data/tree.js';
import type { Call, Input, Output, Trace, ValueType, Weight } from './graph.js';
import type { PeakBytes } from './liveBytes.js';
import { namer, type Names, partName } from './names.js';
import { record, type Recorder } from './record.js';
import { closeSizes, openSizes, type OpenSpecOf } from './openSizes.js';
import { simplify } from './simplify.js';
import { type Probe, probePoints, type Sizes } from './size.js';
import { unify } from './unify.js';

const shapesIn = (nest: unknown): number[][] => partsOf(nest, isTensor).map(({ shape }) => shape);

const callOf = ({ path, method, kind, config, inputs, output }: Visit): Call => ({
  path,
  method,
  kind,
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
 * Writes a layer down as it is in evaluation, operation by operation, nothing simplified.
 * @returns the trace, the outline that came before it, and the most bytes that its tensors took at once as the layer
 * itself frees them
 */
export const traceAsIs = (
  layer: Layer<readonly unknown[], unknown>,
  inputs: readonly unknown[],
  names: Names = {},
): { readonly trace: Trace; readonly outlined: Outline; readonly peakBytes: PeakBytes } => {
  const outlined = outline(layer, inputs as readonly ArraySpec[]);
  const { nodes, result, peakBytes } = record((recorder) => {
    const { reading, weights, calls, release } = tracingReading(outlined.state, recorder);
    try {
      const given = nameInputs(inputs, names, recorder);
      const output = runProgram(reading, layer, given.tensors);
      return { inputs: given.inputs, outputs: nameOutputs(output, names, recorder), weights, calls };
    } finally {
      release();
    }
  });
  return { trace: { ...result, nodes }, outlined, peakBytes };
};

export interface TraceOptions {
  /** What inputs and outputs are called. */
  readonly names?: Names;
  /**
   * For each name that stands for a size, one that the layer takes; 3 if not given. The layer is read at this size, at
   * twice and at three times it, and at combinations of them.
   */
  readonly sizes?: Sizes;
}

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
  { names, sizes = {} }: TraceOptions = {},
): Trace => {
  const specs = inputs as unknown as readonly unknown[];
  const probes = openSizes(specs).map((name): Probe => {
    const size = sizes[name] ?? 3;
    return [name, size, 2 * size];
  });
  const traceAt = (point: Sizes): Trace =>
    traceAsIs(layer as unknown as Layer<readonly unknown[], unknown>, closeSizes(specs, point), names).trace;
  const check = Object.fromEntries(probes.map(([name, size]) => [name, 3 * size]));
  return simplify(
    probes.length ? unify(probePoints(probes).map(traceAt), probes, traceAt(check), check) : traceAt({}),
  );
};
