/**
 * Compiled layers: each is traced, written as ONNX in memory, and run by onnxruntime; `compileRunner` compiles every layer
 * that it is given.
 */
import * as tf from '@tensorflow/tfjs-core';
import { array, type HostArray, sizeOf, type TypedArray } from '../data/array.js';
import type { Input, Output, Trace } from '../graph/graph.js';
import type { OpenSpecOf } from '../graph/openSizes.js';
import { isKey } from '../graph/traceFunction.js';
import { trace } from '../graph/trace.js';
import { asHost, isHostArray, tensorValues, toTensor, type Weights } from '../data/leaf.js';
import { mapNest, partsOf } from '../data/nest.js';
import { expectWeights } from '../data/weights.js';
import type { Layer } from '../language/scope.js';
import { graphToOnnx, type OnnxModel } from '../onnx/exportOnnx.js';
import { onnxBytes } from '../onnx/onnxFile.js';
import { isComposedInOnnx } from '../onnx/operators/index.js';
import { type CompileOptions, checkCompileOptions } from './compileOptions.js';
import {
  expectArrays,
  expectRead,
  nameOf,
  partPaths,
  type Taken,
  withMisfit,
  withShapes,
} from './checkInputs.js';
import { expectIds, type LookUp, lookUpsOf } from './lookups.js';
import { nestKey } from './nestKey.js';
import {
  adapterOf,
  defaultProviders,
  type OnnxRuntime,
  runtimeTensor,
  type RuntimeSession,
  type RuntimeType,
  takesWeightsInFiles,
} from './onnxruntime.js';
import { mostPrograms, programs } from './programs.js';
import { modelBesideFiles } from './weightFiles.js';
import { checkedRunner, type Hosts, type Runner, throwIfAborted } from './runner.js';
import { isPart, type Part, typeOf } from './runtimeState.js';

/** A layer that onnxruntime runs: from tensors to tensors. The caller frees the outputs. */
export interface Compiled<A extends readonly unknown[], B> extends AsyncDisposable, Disposable {
  (...inputs: A): Promise<B>;
  /** The same from host arrays to host arrays: no engine has to run. */
  readonly onHosts: (...inputs: Hosts<A>) => Promise<Hosts<B>>;
  /** Waits for runs under way and frees the sessions. Later calls throw. */
  readonly dispose: () => Promise<void>;
}

/** A session of onnxruntime for inputs of certain shapes. */
interface Program {
  readonly inputs: readonly Input[];
  /** The inputs as errors name them. */
  readonly inputNames: ReadonlyMap<Input, string>;
  readonly outputs: ReadonlyMap<unknown, Output>;
  /** The nest of the outputs, with a name in the place of each array. */
  readonly result: unknown;
  readonly session: RuntimeSession;
  readonly lookUps: readonly LookUp[];
}

const disposed = 'the compiled model was disposed of; call compile or compileRunner again for another one';

const elementsOf = async (part: Part): Promise<TypedArray> => {
  if (isKey(part)) return Int32Array.from(part.words);
  return tensorValues(await asHost(part));
};

/** The same nest with shapes in the places of arrays; random keys stay. */
const specsOf = (inputs: readonly unknown[]): unknown =>
  mapNest(inputs, isPart, (part) => (isKey(part) ? part : { shape: part.shape, dtype: typeOf(part) }));

/** Waiting threads spin while a run lasts, and sleep between runs, when cores belong to others. */
const spinningInRuns = { extra: { session: { force_spinning_stop: '1' } } };

/** The options of a session that are read here; onnxruntime's others are passed on. */
interface SessionOptions extends Readonly<Record<string, unknown>> {
  readonly extra?: { readonly session?: object };
}

const sessionOptions = (
  runtime: OnnxRuntime,
  { threads, providers = defaultProviders(runtime), session }: CompileOptions,
): SessionOptions => ({
  executionProviders: [...providers],
  ...(threads !== undefined && { intraOpNumThreads: threads }),
  // What goes wrong is in the error that is thrown; warnings about a model that the user did not write are of no use to the user.
  logSeverityLevel: 4,
  ...(runtime.env.versions.node !== undefined && spinningInRuns),
  ...session,
});

/** The options of a session with the folder that the weights' files are looked for in. */
const withFolder = (options: SessionOptions, folder: string): SessionOptions => ({
  ...options,
  extra: {
    ...options.extra,
    session: { ...options.extra?.session, model_external_initializers_file_folder_path: folder },
  },
});

/** A session for a model. In a page, the number of threads that is asked for first is that of all models. */
export const sessionOf = async (
  model: OnnxModel,
  runtime: OnnxRuntime,
  asked: CompileOptions,
): Promise<RuntimeSession> => {
  const { InferenceSession, env } = runtime;
  const options = sessionOptions(runtime, asked);
  if (asked.threads !== undefined && env.versions.node === undefined) env.wasm.numThreads = asked.threads;
  if (!takesWeightsInFiles(runtime)) return InferenceSession.create(onnxBytes(model), options);
  const { bytes, folder, clear } = await modelBesideFiles(model);
  try {
    const session = await InferenceSession.create(bytes, withFolder(options, folder));
    return {
      run: (feeds, fetches) => (fetches ? session.run(feeds, fetches) : session.run(feeds)),
      release: async () => {
        await session.release();
        await clear();
      },
    };
  } finally {
    await clear();
  }
};

/**
 * The types of weights and products: those that were asked for; on WebGPU half precision for both where weights are
 * float16, or float32 in its place where the adapter has none.
 */
const typesOf = async (
  runtime: OnnxRuntime,
  { weights, products, providers }: CompileOptions,
): Promise<Pick<CompileOptions, 'weights' | 'products'>> => {
  if (weights !== 'float16' && products !== 'float16') return { weights, products };
  const adapter = await adapterOf(runtime, providers);
  if (adapter === undefined) return { weights, products };
  if (adapter.features.has('shader-f16'))
    return { weights, products: products ?? (weights === 'float16' ? 'float16' : undefined) };
  const whole = { weights: weights === 'float16' ? undefined : weights, products: undefined };
  const found = 'compile: this graphics processor has no half precision (shader-f16)';
  console.warn(`${found}: ${weights === 'float16' ? 'weights and products' : 'products'} are float32`);
  return whole;
};

type AnyLayer = Layer<readonly unknown[], unknown>;

const graphOf = (layer: AnyLayer, inputs: readonly unknown[], taken: Taken): Trace => {
  try {
    const specs = specsOf(inputs) as OpenSpecOf<readonly unknown[]>;
    return trace(layer, specs, { isComposed: isComposedInOnnx });
  } catch (error) {
    throw withMisfit(error, inputs, taken);
  }
};

const isEmpty = ({ value }: Output): boolean => sizeOf(value.shape as readonly number[]) === 0;

/** The session of outputs without elements, such as those of a batch of no examples. */
const ofNothing: RuntimeSession = { run: async () => ({}), release: async () => undefined };

const emptyArray = ({ value: { shape, dtype } }: Output): HostArray => {
  const data =
    dtype === 'float32' ? new Float32Array() : dtype === 'int32' ? new Int32Array() : new Uint8Array();
  return array(shape as readonly number[], dtype, data as Float32Array & Int32Array & Uint8Array);
};

/** @throws TypeError for a layer that returns random keys, or bits as a host array */
const expectNoKeys = ({ outputs }: Trace): void => {
  const found = outputs.find(({ isKey }) => isKey);
  if (found)
    throw new TypeError(
      `compile: the layer's result has a random key, or bits of one, at '${found.name}', expected tensors: return toTensor(bits(key, shape)), or leave the key to the caller`,
    );
};

const programOf = async (
  layer: AnyLayer,
  weights: Weights,
  inputs: readonly unknown[],
  runtime: OnnxRuntime,
  { taken, options }: { readonly taken: Taken; readonly options: CompileOptions },
): Promise<Program> => {
  const graph = graphOf(layer, inputs, taken);
  expectRead(graph, inputs, taken);
  expectNoKeys(graph);
  const { result } = graph;
  const outputs = new Map(graph.outputs.map((output) => [output.name, output]));
  const names = partPaths(inputs).map((path) => `input ${nameOf(path, taken.names)}`);
  const inputNames = new Map(graph.inputs.map((input, i) => [input, names[i]]));
  const lookUps = lookUpsOf(graph, ({ isKey }) => !isKey);
  const program = { inputs: graph.inputs, inputNames, outputs, result, lookUps };
  if (graph.outputs.every(isEmpty)) return { ...program, session: ofNothing };
  const types = await typesOf(runtime, options);
  try {
    const model = graphToOnnx(graph, weights, { ...types, whole: options.whole });
    return { ...program, session: await sessionOf(model, runtime, options) };
  } catch (error) {
    throw withShapes(error, inputs, taken);
  }
};

const runProgram = async (
  { inputs: ports, inputNames, outputs, result, session, lookUps }: Program,
  runtime: OnnxRuntime,
  inputs: readonly unknown[],
): Promise<unknown> => {
  const parts = partsOf(inputs, isPart);
  const elements = await Promise.all(parts.map(elementsOf));
  const given = new Map(ports.map((port, i) => [port, elements[i]]));
  expectIds('compile', lookUps, given, (input) => inputNames.get(input) as string);
  const feeds = parts.map((part, i) => {
    const shape = isKey(part) ? [2] : part.shape;
    return [ports[i].name, runtimeTensor(runtime, typeOf(part), shape, elements[i])] as const;
  });
  const found = await session.run(Object.fromEntries(feeds) as Readonly<Record<string, never>>);
  const isOutput = (part: unknown): part is string => outputs.has(part);
  return mapNest(result, isOutput, (name): HostArray => {
    const output = outputs.get(name) as Output;
    if (isEmpty(output)) return emptyArray(output);
    const { type, dims, data } = found[name];
    return array(dims, type as RuntimeType, data as Float32Array & Int32Array & Uint8Array);
  });
};

/**
 * Compiles a layer with its weights for onnxruntime: at the first call, and again for inputs of other shapes. Random keys are
 * inputs. Numbers, strings, functions and the like among the arguments are part of the program, so that another one is
 * another program. Each of these programs has its own copy of the weights; the last eight are held, in the order of their
 * use. In Node a program is made from files: from that of `openCheckpoint`, which must not
 * be written over in place meanwhile, and for arrays in memory from a temporary one.
 * @param layer  a layer, or a model of the presets
 * @throws TypeError for weights and a runtime that are none, Error or RangeError for options that are not known or out of range.
 * From each call: TypeError for inputs that are no arrays, and for one that the model does not read; Error if onnxruntime is not installed; UnsupportedError if ONNX lacks the form of an
 * operation; and what `trace` throws, with the input that the model does not take
 * @example
 * await using classify = compile(model, weights, { threads: 2 });
 * const logits = await classify(images);
 */
export const compile = <A extends readonly unknown[], B>(
  layer: Layer<A, B> | ({ readonly network: Layer<A, B> } & Taken),
  weights: Weights,
  options: CompileOptions = {},
): Compiled<A, B> => {
  const [network, taken]: readonly [unknown, Taken] =
    'network' in layer ? [layer.network, layer] : [layer, {}];
  checkCompileOptions('compile', options);
  expectWeights('compile', weights);
  const { use, run, dispose } = programs<Program>(options.runtime, disposed);

  const compute = (inputs: readonly unknown[]): Promise<unknown> =>
    run(async (runtime) => {
      expectArrays(inputs, (path) => `compile: input ${nameOf(path, taken.names)}`);
      const make = () => programOf(network as AnyLayer, weights, inputs, runtime, { taken, options });
      return use(nestKey(inputs), make, (program) => runProgram(program, runtime, inputs));
    });

  const call = async (...inputs: A): Promise<B> => {
    const hosts = await compute(inputs);
    return tf.tidy(() => mapNest(hosts, isHostArray, toTensor) as tf.TensorContainer) as B;
  };
  return Object.assign(call, {
    onHosts: (...inputs: Hosts<A>) => compute(inputs) as Promise<Hosts<B>>,
    dispose,
    [Symbol.asyncDispose]: dispose,
    [Symbol.dispose]: () => void dispose(),
  }) as unknown as Compiled<A, B>;
};

/**
 * Computes with onnxruntime; no engine has to run. Each layer is compiled when it is first run; the last eight are held.
 * @example
 * await using runner = compileRunner(weights);
 * await model.run(weights, picture, { runner })();
 */
export const compileRunner = (weights: Weights, options: CompileOptions = {}): Runner => {
  checkCompileOptions('compileRunner', options);
  const layers = new Map<AnyLayer, Compiled<readonly unknown[], unknown>>();
  const compiledOf = (layer: AnyLayer) => {
    const known = layers.get(layer) ?? compile(layer, weights, options);
    layers.delete(layer);
    layers.set(layer, known);
    const [[oldest, { dispose }]] = layers;
    if (layers.size > mostPrograms && layers.delete(oldest)) void dispose();
    return known;
  };
  let isDisposed = false;
  const dispose = async (): Promise<void> => {
    isDisposed = true;
    await Promise.all([...layers.values()].map((each) => each.dispose()));
    layers.clear();
  };
  return checkedRunner({
    weights,
    run: async (layer, inputs, { signal } = {}) => {
      await throwIfAborted(signal);
      if (isDisposed) throw new Error(disposed);
      return compiledOf(layer as unknown as AnyLayer).onHosts(...(inputs as readonly never[])) as never;
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  });
};
