/**
 * Tracing: a function of arrays runs on shapes alone, once or, with open sizes, at several of them, and what it does is
 * written down as a graph. Gradients, training steps, random draws and state are operations as any other; no engine has to
 * run.
 */
import { emptyLike, type IsComposed, keyOfTensor, tensorOfWords } from '../engine/index.js';
import type { DType } from '../data/array.js';
import { isTensor } from '../data/leaf.js';
import { isRecord, mapNest } from '../data/nest.js';
import { openTensor } from '../data/openArray.js';
import type { Key } from '../random/index.js';
import { checkCall, checkResult } from './checkTraced.js';
import type { Graph, Input, Output, ValueType } from './graph.js';
import type { PeakBytes } from './liveBytes.js';
import { isComposedByDefault } from './isComposedByDefault.js';
import { namer, type Names, partName } from './names.js';
import type { OpenSpecOf } from './openSizes.js';
import { record, type Recorder } from './record.js';
import type { Sizes } from './size.js';
import { traceOpen } from './traceOpen.js';

export interface TraceOptions {
  /** The names of inputs and outputs. */
  readonly names?: Names;
  /**
   * For each name that stands for a size, the number of which it is a multiple; any size if not given. The function is read
   * at once, twice and three times this number (at 3, 6 and 9 if not given), at combinations of them, and at a multiple above
   * 1,000 if it takes that. Where sizes that are no multiples give another graph or are not taken, exported programs refuse
   * them.
   */
  readonly sizes?: Sizes;
  /**
   * Tells kernels that are written down as those that they are composed of. If not given, all of which ONNX has no form, such as
   * gradients; `() => false` for none.
   */
  readonly isComposed?: IsComposed;
}

/** The names of these options. */
export const traceOptions: readonly string[] = ['names', 'sizes', 'isComposed'];

/** An array in the places where inputs are given: a tensor, a host array, or a shape with a dtype. */
interface Given {
  readonly shape: readonly number[];
  readonly dtype?: DType;
}

const isGiven = (part: unknown): part is Given =>
  isTensor(part) || (typeof part === 'object' && part !== null && Array.isArray((part as Given).shape));

/** Tells whether a part of an argument is a random key. */
export const isKey = (part: unknown): part is Key =>
  isRecord(part) && 'mode' in part && Array.isArray(part.words) && part.words.length === 2;

/** Tells the parts of arguments that become inputs: arrays, their shapes, and random keys. */
export const isInput = (part: unknown): part is Given | Key => isKey(part) || isGiven(part);

/** The words of a key as an array of the host, as train states hold them. */
const isWords = ({ shape, dtype }: Given): boolean =>
  dtype === 'uint32' && shape.length === 1 && shape[0] === 2;

const valueTypes: readonly string[] = ['float32', 'int32', 'bool'];

const typeOf = ({ dtype = 'float32' }: Given, name: string): ValueType => {
  if (valueTypes.includes(dtype)) return dtype as ValueType;
  throw new TypeError(`trace: '${name}' is of ${dtype}, expected ${valueTypes.join(', ')}`);
};

type Namer = ReturnType<typeof namer>;

/** Arrays without data in the places of the arguments, each with its name; keys are int32 [2]. */
const nameInputs = (
  specs: readonly unknown[],
  { inputs: roots = [] }: Names,
  unique: Namer,
  recorder: Recorder,
) => {
  const inputs: Input[] = [];
  const make = (
    name: string,
    shape: readonly number[],
    dtype: ValueType,
    more?: { readonly isKey: true },
  ) => {
    const input: Input = { kind: 'input', name, shape: [...shape], dtype, ...more };
    const tensor = emptyLike({ shape, dtype });
    recorder.name(tensor, input);
    inputs.push(input);
    return tensor;
  };
  const args = specs.map((spec, i) =>
    mapNest(spec, isInput, (part, path) => {
      const name = unique(partName(roots[i] ?? 'input', path) || 'input');
      const words = () => make(name, [2], 'int32', { isKey: true });
      if (isKey(part)) return keyOfTensor(words(), part.mode);
      if (!isWords(part)) return make(name, part.shape, typeOf(part, name));
      return { shape: [2], dtype: 'uint32', data: keyOfTensor(words(), 'partitionable').words };
    }),
  );
  return { inputs, args };
};

/** The tensor that a part of a result is: a tensor itself, or the words of a key. */
const tensorIn = (part: unknown) => {
  if (isTensor(part)) return part;
  if (!isRecord(part)) return undefined;
  const open = openTensor(part.data);
  if (open) return open;
  const words = part.words ?? part.data;
  return Array.isArray(words) ? tensorOfWords(words) : undefined;
};

/** Tells words of keys, and bits that were drawn from one: int32 in the graph. */
const isWordsOfKey = (part: object): boolean =>
  !isTensor(part) && ('words' in part || (part as Given).dtype === 'uint32');

/** Tells the parts of results that become outputs: tensors, random keys, and draws from them. */
export const isResult = (part: unknown): part is object => tensorIn(part) !== undefined;

/** The nest of outputs in the places of a result's arrays. */
const nameOutputs = (
  nest: unknown,
  { output: root = 'output' }: Names,
  unique: Namer,
  recorder: Recorder,
) => {
  const outputs: Output[] = [];
  const result = mapNest(nest, isResult, (part, path) => {
    const value = recorder.valueOf(tensorIn(part)!);
    const name = unique(partName(root, path) || 'output');
    outputs.push({ name, value, ...(isWordsOfKey(part) && { isKey: true }) });
    return name;
  });
  return { outputs, result };
};

/** A function written down once, at sizes that are numbers, with what whoever runs it tells besides. */
export const recordFunction = <X>(
  f: (recorder: Recorder, args: readonly unknown[]) => { readonly output: unknown; readonly more: X },
  specs: readonly unknown[],
  { names = {}, isComposed }: Pick<TraceOptions, 'names' | 'isComposed'>,
): { readonly graph: Graph; readonly result: unknown; readonly more: X; readonly peakBytes: PeakBytes } => {
  const unique = namer(); // an output is never called as an input is
  const { nodes, result, peakBytes } = record((recorder) => {
    const { inputs, args } = nameInputs(specs, names, unique, recorder);
    const { output, more } = f(recorder, args);
    const named = nameOutputs(output, names, unique, recorder);
    checkResult(output, named.outputs.length);
    return { inputs, more, ...named };
  }, isComposed);
  const { inputs, outputs, more } = result;
  return { graph: { inputs, outputs, nodes, weights: [] }, result: result.result, more, peakBytes };
};

/** A function written down. */
export interface TracedFunction extends Graph {
  /** The function's result, with the name of an output in the place of each array. */
  readonly result: unknown;
}

/**
 * The graph of a synchronous function of nests of arrays, simplified: nothing is computed twice, but for what `remat`
 * repeats.
 *
 * Parameters, state and batches are arguments as any other. A random key among the arguments is an input, int32 [2], and
 * what is drawn from it is part of the graph: every engine draws the same bits. Tensors that the function closes over are
 * constants.
 * @param specs  for each argument a nest in which a tensor, a host array or `{ shape, dtype }` stands for an array, and a
 * key for a key; a name such as 'batch' in the place of a size leaves it open until the graph runs
 * @throws TypeError for specs that are no list, and a function without arrays in its result, such as an async one; RangeError
 * for sizes that are none; ShapeError where shapes do not fit; NoDataError where the function reads values to decide what to do;
 * Error where it draws numbers by tfjs, as tf.dropout does; OpenSizeError where what it does depends on how large an open size is
 * @example
 * const loss = (w: Tensor, x: Tensor) => tf.sum(tf.square(tf.matMul(x, w)));
 * traceFunction(valueAndGrad(loss), [{ shape: [3, 2] }, { shape: ['batch', 3] }]).outputs.length // 2
 */
export const traceFunction = <A extends readonly unknown[], B>(
  f: (...args: A) => B,
  specs: A | OpenSpecOf<A>,
  options: TraceOptions = {},
): TracedFunction => {
  checkCall('traceFunction', f, specs, { options, known: traceOptions });
  const { names, sizes = {}, isComposed = isComposedByDefault } = options;
  return traceOpen(specs as readonly unknown[], sizes, (closed) => {
    const run = (_recorder: Recorder, args: readonly unknown[]) => ({
      output: f(...(args as unknown as A)),
      more: undefined,
    });
    const { graph, result } = recordFunction(run, closed, { names, isComposed });
    return { ...graph, result, calls: [] };
  });
};
