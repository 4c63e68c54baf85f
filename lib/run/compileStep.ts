/**
 * Compiled training steps: a step is traced with its gradient, its optimizer and its random draws, and run by onnxruntime.
 * The state stays with the runtime from step to step, and is read when it is asked for.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { array, type HostArray, type TypedArray } from '../data/array.js';
import { isTensor, type Leaf, tensorType, tensorValues, toHost, toTensor } from '../data/leaf.js';
import { mapNest, partsOf } from '../data/nest.js';
import { type TracedFunction, traceFunction } from '../graph/traceFunction.js';
import { graphToOnnx } from '../onnx/exportOnnx.js';
import { isComposedInOnnx } from '../onnx/operators/index.js';
import { type CompileOptions, sessionOf } from './compile.js';
import {
  adapterOf,
  type OnnxRuntime,
  runtimeTensor,
  type RuntimeSession,
  type RuntimeTensor,
  type RuntimeType,
} from './onnxruntime.js';
import { programs } from './programs.js';
import { isHost } from './runner.js';

/** A training step: from a state and a batch to the next state and scalars, as `trainStep` makes them. */
export type Step<S, B> = (
  state: S,
  batch: B,
) => { readonly state: S; readonly metrics: Readonly<Record<string, tf.Tensor>> };

type Path = readonly (string | number)[];

const isArray = (part: unknown): part is Leaf => isTensor(part) || isHost(part);
const isName = (part: unknown): part is string => typeof part === 'string';
const keyOf = (path: Path): string => path.join('\n');

/** Arrays with the paths that lead to them. */
const leavesOf = (nest: unknown): (readonly [path: string, leaf: Leaf])[] => {
  const found: (readonly [string, Leaf])[] = [];
  mapNest(nest, isArray, (leaf, path) => void found.push([keyOf(path), leaf]));
  return found;
};

/** The words of random keys are int32 in the graph. */
const isWords = ({ dtype }: Leaf): boolean => (dtype as string) === 'uint32';

const typeOf = (leaf: Leaf): RuntimeType => (isWords(leaf) ? 'int32' : tensorType(leaf as HostArray));

const valuesOf = async (leaf: Leaf): Promise<TypedArray> => {
  const host = isTensor(leaf) ? await toHost(leaf) : leaf;
  return isWords(leaf) ? Int32Array.from(host.data as Uint32Array) : tensorValues(host);
};

/** True for tensors in a graphics processor's memory, which nobody but their owner frees. */
const isOnDevice = ({ location }: RuntimeTensor): boolean => location === 'gpu-buffer';

/** A state that a compiled step has returned: its arrays are the runtime's. */
export class RuntimeState<S> {
  private isFreed = false;

  constructor(
    private readonly like: S,
    /** By the paths that lead to them. */
    readonly tensors: ReadonlyMap<string, RuntimeTensor>,
  ) {}

  /**
   * The state as the step itself takes it: tensors where the first state had tensors, else host arrays.
   * @throws Error where its arrays were freed
   */
  async read(): Promise<S> {
    if (this.isFreed)
      throw new Error(
        'the state was freed, by its owner or by the step that it was handed to; read it before',
      );
    const entries = [...this.tensors].map(
      async ([path, tensor]) => [path, isOnDevice(tensor) ? await tensor.getData?.() : tensor.data] as const,
    );
    const read = new Map(await Promise.all(entries));
    return mapNest(this.like, isArray, (leaf, path) => {
      const data = read.get(keyOf(path));
      const { dims } = this.tensors.get(keyOf(path)) as RuntimeTensor;
      if (isWords(leaf)) return array(dims, 'uint32', Uint32Array.from(data as Int32Array));
      const host = array(dims, typeOf(leaf), (data as Float32Array).slice() as never) as HostArray;
      return isTensor(leaf) ? toTensor(host) : host;
    }) as S;
  }

  /** Frees the arrays in a graphics processor's memory; others go by themselves. */
  dispose(): void {
    const onDevice = [...this.tensors.values()].filter(isOnDevice);
    onDevice.forEach((tensor) => tensor.dispose?.());
    this.isFreed ||= onDevice.length > 0;
  }
}

export interface CompiledStep<S, B> extends AsyncDisposable {
  (
    state: S | RuntimeState<S>,
    batch: B,
  ): Promise<{
    readonly state: RuntimeState<S>;
    readonly metrics: Readonly<Record<string, number>>;
  }>;
  /** Waits for steps under way and frees the sessions. Later calls throw; states can still be read. */
  readonly dispose: () => Promise<void>;
}

/** A step for batches of certain shapes. */
interface Program {
  readonly graph: TracedFunction;
  readonly session: RuntimeSession;
}

/** The option of a session that leaves the state's floats on the graphics processor; step and key are a few integers. */
const placesOf = <S>(graph: TracedFunction, like: S): object => {
  const floats = new Set(
    leavesOf(like).flatMap(([path, leaf]) =>
      typeOf(leaf) === 'float32' && leaf.shape.every((n) => n > 0) ? [path] : [],
    ),
  );
  const places: Record<string, string> = {};
  mapNest((graph.result as { readonly state: unknown }).state, isName, (name, path) => {
    if (floats.has(keyOf(path))) places[name] = 'gpu-buffer';
  });
  return { preferredOutputLocation: places };
};

const programOf = async <S, B>(
  step: Step<S, B>,
  state: S,
  batch: B,
  runtime: OnnxRuntime,
  options: CompileOptions,
): Promise<Program> => {
  const graph = traceFunction(step as (...args: readonly unknown[]) => unknown, [state, batch] as never, {
    names: { inputs: ['state', 'batch'], output: 'next' },
    isComposed: isComposedInOnnx,
  });
  const model = graphToOnnx(graph);
  const make = (session?: object) =>
    sessionOf(model, runtime, { ...options, session: { ...session, ...options.session } });
  const isOnGpu = (await adapterOf(runtime, options.providers)) !== undefined;
  // A module of onnxruntime without WebGPU refuses places on it.
  const session = await (isOnGpu ? make(placesOf(graph, state)).catch(() => make()) : make());
  return { graph, session };
};

/**
 * Compiles a step for onnxruntime: at the first call, and again for batches of other shapes.
 *
 * The compiled step is called as the step is, with a state of the step's own or with one that it has returned, and
 * resolves to the next state and numbers. On WebGPU the state stays in the graphics processor's memory: one that the step
 * returned is freed when it is handed to the next step, and the last one by `state.dispose()`. Other states are not freed.
 * @throws from each call: Error where onnxruntime is not installed, UnsupportedError where ONNX lacks the form of an
 * operation, and what `traceFunction` throws
 * @example
 * await using fast = compileStep(step, { threads: 2 });
 * let { state, metrics } = await fast(step.init(weights, key(0)), batch);
 * ({ state, metrics } = await fast(state, batch)); // metrics.loss is a number
 * const trained = await state.read();
 */
export const compileStep = <S, B>(step: Step<S, B>, options: CompileOptions = {}): CompiledStep<S, B> => {
  const { programFor, run, dispose } = programs<Program>(
    options.runtime,
    'the compiled step was disposed of; call compileStep for another one',
  );
  let like: S | undefined;

  const onRuntime = async (leaf: Leaf, module: OnnxRuntime): Promise<RuntimeTensor> =>
    runtimeTensor(module, typeOf(leaf), leaf.shape, await valuesOf(leaf)) as RuntimeTensor;

  const take = async (module: OnnxRuntime, state: S | RuntimeState<S>, batch: B) => {
    const given = state instanceof RuntimeState ? state.tensors : undefined;
    like ??= state as S;
    const first = like;
    const shapes = partsOf(batch, isArray).map((leaf) => `${typeOf(leaf)} ${leaf.shape.join()}`);
    const { graph, session } = await programFor(shapes.join('; '), () =>
      programOf(step, first, batch, module, options),
    );
    const own = new Map(given ? [] : leavesOf(state));
    const tensors = await Promise.all([
      ...leavesOf(like).map(([path]) => given?.get(path) ?? onRuntime(own.get(path) as Leaf, module)),
      ...leavesOf(batch).map(([, leaf]) => onRuntime(leaf, module)),
    ]);
    const feeds = Object.fromEntries(graph.inputs.map(({ name }, i) => [name, tensors[i]]));
    const found = await session.run(feeds as Readonly<Record<string, never>>);
    const { state: names, metrics } = graph.result as { state: unknown; metrics: Record<string, string> };
    const next = new Map<string, RuntimeTensor>();
    mapNest(names, isName, (name, path) => void next.set(keyOf(path), found[name]));
    if (state instanceof RuntimeState) state.dispose();
    const numberOf = (name: string): number => Number((found[name].data as Float32Array)[0]);
    return {
      state: new RuntimeState(like, next),
      metrics: Object.fromEntries(Object.entries(metrics).map(([metric, name]) => [metric, numberOf(name)])),
    };
  };

  const call = (state: S | RuntimeState<S>, batch: B) => run((module) => take(module, state, batch));
  return Object.assign(call, { dispose, [Symbol.asyncDispose]: dispose });
};
