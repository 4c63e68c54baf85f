/**
 * Writing a tensor program down: it runs on the backend without data, which tells of every kernel. Nothing here knows of
 * layers; whoever records says which tensors are inputs and weights, and where in the program it is.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type IsComposed, type KernelCall, NoDataError, repetition, withoutData } from '../engine/index.js';
import type { TypedArray } from '../data/array.js';
import { showShape } from '../data/shape.js';
import { constant } from './constant.js';
import { type Input, type Node, resultsOf, type Value, type ValueType, type Weight } from './graph.js';
import { liveBytes, type PeakBytes } from './liveBytes.js';

/** The tensors and paths that a program tells while it is written down. */
export interface Recorder {
  /** A tensor is an input or a weight. */
  readonly name: (tensor: tf.Tensor, value: Input | Weight) => void;
  /** The value that a tensor is. */
  readonly valueOf: (tensor: tf.TensorInfo) => Value;
  /** Runs a part of the program whose nodes are of the module at `path`. */
  readonly within: <B>(path: string, run: () => B) => B;
}

/** A program written down. */
export interface Recording<B> {
  readonly nodes: readonly Node[];
  readonly result: B;
  /** Most bytes that tensors made by kernels took at once, as the program itself frees them. */
  readonly peakBytes: PeakBytes;
}

const valueTypes: readonly string[] = ['float32', 'int32', 'bool'];

const typeOf = ({ dtype }: tf.TensorInfo): ValueType => {
  if (valueTypes.includes(dtype)) return dtype as ValueType;
  throw new TypeError(`a tensor of ${dtype} cannot be traced; expected ${valueTypes.join(', ')}`);
};

/** The values of a tensor that no kernel made: one that the program holds. */
const constantOf = (tensor: tf.TensorInfo): Value => {
  try {
    const values = (tensor as tf.Tensor).dataSync().slice() as TypedArray;
    return constant(tensor.shape, typeOf(tensor), values);
  } catch (error) {
    if (!(error instanceof NoDataError)) throw error;
    throw new NoDataError(
      'a tensor without values that is no input and no weight, such as a random draw, cannot be traced',
    );
  }
};

/** Operations of tfjs that make tensors of random numbers of their own. */
const draws: readonly string[] = [
  ...['dropout', 'rand', 'randomGamma', 'randomNormal', 'randomStandardNormal', 'randomUniform'],
  ...['randomUniformInt', 'truncatedNormal'],
];

interface Scopes {
  readonly state: { readonly scopeStack: readonly { readonly name: string }[] };
}

/**
 * Refuses values that tfjs draws: they would be constants of the graph, and those of all its runs.
 * @throws Error
 */
const expectNoDraw = (): void => {
  const { scopeStack } = (tf.engine() as unknown as Scopes).state;
  const drawn = scopeStack.map(({ name }) => name.replace(/__op$/, '')).find((name) => draws.includes(name));
  if (drawn === undefined) return;
  throw new Error(
    `tf.${drawn} draws its numbers while the function is written down, and all runs would have the same ones: draw from a ` +
      'random key of the arguments, or of the scope in a layer, by renga/random, such as toTensor(uniform(key, shape)); ' +
      'numbers that never change are made outside of the function',
  );
};

/** Operations of our own get a row of tensors, and their names beside the attributes. */
const nodeOf = (call: KernelCall, inputs: readonly [string, Value][], path: string): Node => {
  const { given, ...attrs } = call.attrs as { given?: readonly string[] };
  const broken = call.outputs.find(({ shape }) => !shape.every(Number.isInteger));
  if (broken)
    throw new RangeError(
      `${call.kernel} gives the shape ${showShape(broken.shape)}, expected whole numbers: for a quotient of an open size, ` +
        'give a size that can be divided, such as sizes: { n: 2 }, or round it by Math.floor',
    );
  const named = inputs.map(([name, value], i): [string, Value] => [given?.[i] ?? name, value]);
  return {
    kernel: call.kernel,
    attrs,
    inputs: Object.fromEntries(named),
    outputs: call.outputs.map((info) => ({ shape: [...info.shape], dtype: typeOf(info) })),
    path,
    ...(repetition() === 0 ? {} : { repetition: repetition() }),
  };
};

/**
 * Writes a program down.
 * @param isComposed  kernels that are written down as those that they are composed of; none if not given
 * @throws NoDataError where the program reads a value that is not known until it runs; Error where tfjs draws random numbers
 */
export const record = <B>(program: (recorder: Recorder) => B, isComposed?: IsComposed): Recording<B> => {
  const nodes: Node[] = [];
  const values = new WeakMap<object, Value>();
  const memory = liveBytes();
  let path = '~';
  const valueOf = (tensor: tf.TensorInfo): Value => {
    const known = values.get(tensor.dataId) ?? constantOf(tensor);
    values.set(tensor.dataId, known);
    return known;
  };
  const onKernel = (call: KernelCall): void => {
    memory.onKernel(call);
    const inputs = Object.entries(call.inputs).map(([name, tensor]): [string, Value] => [
      name,
      valueOf(tensor),
    ]);
    const node = nodeOf(call, inputs, path);
    nodes.push(node);
    resultsOf(node).forEach((result, i) => values.set(call.outputs[i].dataId, result));
  };
  const recorder: Recorder = {
    name: (tensor, value) => void values.set(tensor.dataId, value),
    valueOf,
    within: (inner, run) => {
      const outer = path;
      path = inner;
      try {
        return run();
      } finally {
        path = outer;
      }
    },
  };
  const told: B[] = [];
  // Told aside: what is returned would be searched for tensors, and a graph is deep.
  withoutData(() => void told.push(program(recorder)), {
    onKernel,
    onValues: expectNoDraw,
    onFree: memory.onFree,
    isComposed,
  });
  return { nodes, result: told[0], peakBytes: memory.peak() };
};
