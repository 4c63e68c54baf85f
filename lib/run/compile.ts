/**
 * Compiled models: a layer is traced, written as ONNX in memory, and run by onnxruntime.
 */
import * as tf from '@tensorflow/tfjs-core';
import { array, type HostArray, type TypedArray } from '../data/array.js';
import type { OpenSpecOf } from '../graph/openSizes.js';
import { trace } from '../graph/trace.js';
import { type Hosts, isHost } from './hosts.js';
import { isTensor, type Leaf, tensorType, tensorValues, toHost, toTensor } from '../data/leaf.js';
import { type ArraySpec, mapNest, partsOf, type SpecOf } from '../data/nest.js';
import { isSpec, outline } from '../language/outline.js';
import type { Layer } from '../language/scope.js';
import { type Exportable, graphToOnnx, type OnnxModel } from '../onnx/exportOnnx.js';
import { onnxBytes, onnxParts } from '../onnx/onnxFile.js';
import {
  defaultProviders,
  onnxruntime,
  type OnnxRuntime,
  runtimeTensor,
  type RuntimeSession,
  type RuntimeType,
  takesExternalData,
} from './onnxruntime.js';

export interface CompileOptions {
  /** The module of an onnxruntime. `onnxruntime-node` in Node if not given; pages give theirs. */
  readonly runtime?: OnnxRuntime;
  /** How many threads one model uses; one for each core of the processor if not given. */
  readonly threads?: number;
  /** Where it is computed, by onnxruntime's names, the best first: `['webgpu', 'wasm']` in a page with a GPU. */
  readonly providers?: readonly string[];
  /** Further options of onnxruntime's sessions, as they are. If not told otherwise, threads sleep while they wait. */
  readonly session?: Readonly<Record<string, unknown>>;
  /** Whether weights are held as float16, in half the memory; outputs then differ by up to 2e-2 of the largest. */
  readonly float16?: boolean;
}

/** A layer as onnxruntime runs it: from tensors to tensors, which are the caller's. */
export interface Compiled<A extends readonly unknown[], B> extends AsyncDisposable, Disposable {
  (...inputs: A): Promise<B>;
  /** The same from host arrays to host arrays: no engine has to run. */
  readonly onHosts: (...inputs: Hosts<A>) => Promise<Hosts<B>>;
  /** Gives back the memory of its sessions; what runs ends first. It cannot be called any more. */
  readonly dispose: () => Promise<void>;
}

/** What onnxruntime has for inputs of certain shapes. */
interface Program {
  readonly names: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
  /** The outputs' nest, with a spec in the place of each. */
  readonly outputs: unknown;
  readonly session: RuntimeSession;
}

const isArray = (part: unknown): part is Leaf => isTensor(part) || isHost(part);

const typeOf = (leaf: Leaf): RuntimeType => tensorType(leaf as HostArray);

const elementsOf = async (leaf: Leaf): Promise<TypedArray> =>
  tensorValues(isTensor(leaf) ? await toHost(leaf) : leaf);

const specsOf = (inputs: readonly unknown[]): unknown =>
  mapNest(inputs, isArray, (part): ArraySpec => ({ shape: part.shape, dtype: typeOf(part) }));

/** Threads that wait by spinning take a core from others: of other sessions, and of the same where cores are shared. */
const withoutSpinning = { extra: { session: { intra_op: { allow_spinning: '0' } } } };

const sessionOptions = (
  runtime: OnnxRuntime,
  { threads, providers = defaultProviders(runtime), session }: CompileOptions,
) => ({
  executionProviders: [...providers],
  ...(threads !== undefined && { intraOpNumThreads: threads }),
  // Warnings of a model that the user did not write are of no use to him.
  logSeverityLevel: 3,
  ...(runtime.env.versions.node !== undefined && withoutSpinning),
  ...session,
});

const sessionOf = (model: OnnxModel, runtime: OnnxRuntime, options: object): Promise<RuntimeSession> => {
  const { InferenceSession } = runtime;
  if (!takesExternalData(runtime)) return InferenceSession.create(onnxBytes(model), options);
  const { model: bytes, externalData } = onnxParts(model);
  return InferenceSession.create(bytes, { ...options, externalData });
};

const programOf = async (
  layer: Layer<readonly unknown[], unknown>,
  weights: Exportable,
  specs: unknown,
  runtime: OnnxRuntime,
  options: CompileOptions,
): Promise<Program> => {
  const graph = trace(layer, specs as OpenSpecOf<readonly unknown[]>);
  const names = {
    inputs: graph.inputs.map(({ name }) => name),
    outputs: graph.outputs.map(({ name }) => name),
  };
  const { outputs } = outline(layer, specs as SpecOf<readonly unknown[]>);
  const model = graphToOnnx(graph, weights, options);
  // A page's onnxruntime has its threads for all models.
  if (options.threads !== undefined && runtime.env.versions.node === undefined)
    runtime.env.wasm.numThreads = options.threads;
  const session = await sessionOf(model, runtime, sessionOptions(runtime, options));
  return { names, outputs, session };
};

const runProgram = async (
  { names, outputs, session }: Program,
  runtime: OnnxRuntime,
  inputs: readonly unknown[],
): Promise<unknown> => {
  const feeds = await Promise.all(
    partsOf(inputs, isArray).map(async (part, i) => {
      const tensor = runtimeTensor(runtime, typeOf(part), part.shape, await elementsOf(part));
      return [names.inputs[i], tensor] as const;
    }),
  );
  const found = await session.run(Object.fromEntries(feeds) as Readonly<Record<string, never>>);
  const next = names.outputs[Symbol.iterator]();
  return mapNest(outputs, isSpec, (): HostArray => {
    const { type, dims, data } = found[next.next().value as string];
    return array(dims, type as RuntimeType, data as Float32Array & Int32Array & Uint8Array);
  });
};

/**
 * A layer with its weights as onnxruntime runs it. It is compiled when it is first called, and again for inputs of
 * other shapes; each of these programs has its own copy of the weights.
 * @param layer  a layer, or a model of the presets
 * @throws from each call: Error where onnxruntime is not installed, UnsupportedError where ONNX has no form for an
 * operation, and what `trace` throws
 * @example
 * await using classify = compile(model, weights, { threads: 2 });
 * const logits = await classify(images);
 */
export const compile = <A extends readonly unknown[], B>(
  layer: Layer<A, B> | { readonly network: Layer<A, B> },
  weights: Exportable,
  options: CompileOptions = {},
): Compiled<A, B> => {
  const network = ('network' in layer ? layer.network : layer) as Layer<readonly unknown[], unknown>;
  const programs = new Map<string, Promise<Program>>();
  const running = new Set<Promise<unknown>>();
  let runtime: Promise<OnnxRuntime> | undefined;
  let isDisposed = false;

  const programFor = (inputs: readonly unknown[], module: OnnxRuntime): Promise<Program> => {
    const specs = specsOf(inputs);
    const key = JSON.stringify(specs);
    const known = programs.get(key);
    if (known) return known;
    const made = programOf(network, weights, specs, module, options);
    programs.set(key, made);
    // What failed is tried again.
    made.catch(() => programs.delete(key));
    return made;
  };
  const compute = async (inputs: readonly unknown[]): Promise<unknown> => {
    const module = await (runtime ??= options.runtime ? Promise.resolve(options.runtime) : onnxruntime());
    return runProgram(await programFor(inputs, module), module, inputs);
  };
  const run = async (inputs: readonly unknown[]): Promise<unknown> => {
    if (isDisposed) throw new Error('the compiled model was disposed of');
    const result = compute(inputs);
    running.add(result);
    try {
      return await result;
    } finally {
      running.delete(result);
    }
  };
  const dispose = async (): Promise<void> => {
    isDisposed = true;
    await Promise.allSettled(running);
    const made = await Promise.allSettled(programs.values());
    programs.clear();
    for (const program of made) if (program.status === 'fulfilled') await program.value.session.release();
  };

  const call = async (...inputs: A): Promise<B> => {
    const hosts = await run(inputs);
    return tf.tidy(() => mapNest(hosts, isHost, toTensor) as tf.TensorContainer) as B;
  };
  return Object.assign(call, {
    onHosts: (...inputs: Hosts<A>) => run(inputs) as Promise<Hosts<B>>,
    dispose,
    [Symbol.asyncDispose]: dispose,
    [Symbol.dispose]: () => void dispose(),
  }) as unknown as Compiled<A, B>;
};
