/**
 * The parts of onnxruntime's interface that are used here, so that its types need not be installed.
 */
import type { TypedArray } from '../data/array.js';

/** A tensor of onnxruntime. */
export interface RuntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  /** The numbers of a tensor in the processor's memory; throws for one elsewhere. */
  readonly data: unknown;
  /** `gpu-buffer` in a graphics processor's memory. */
  readonly location?: string;
  getData?(): Promise<unknown>;
  dispose?(): void;
}

/** A model that onnxruntime holds. */
export interface RuntimeSession {
  /** @param fetches  the outputs, each with the tensor that it is written to, or null for a new one; all if not given */
  run(
    feeds: Readonly<Record<string, never>>,
    fetches?: Readonly<Record<string, never>>,
  ): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

/** The module of an onnxruntime: `onnxruntime-node`, `onnxruntime-web` or `onnxruntime-web/webgpu`. */
export interface OnnxRuntime {
  readonly Tensor: new (type: never, data: never, dims: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(model: Uint8Array, options?: object): Promise<RuntimeSession>;
  };
  readonly env: {
    readonly wasm: { numThreads?: number };
    readonly versions: { readonly common: string; readonly node?: string; readonly web?: string };
  };
}

/** Types of tensors that tfjs and onnxruntime call alike. */
export type RuntimeType = 'float32' | 'int32' | 'bool';

/** Makes a tensor for onnxruntime without copying the data. */
export const runtimeTensor = (
  { Tensor }: OnnxRuntime,
  type: RuntimeType,
  shape: readonly number[],
  data: TypedArray,
): unknown => new Tensor(type as never, data as never, shape);

const isInNode = (): boolean => typeof process !== 'undefined' && process.versions?.node !== undefined;

const isMissing = (error: unknown, name: string): boolean => {
  const { code, message } = error as { code?: string; message?: string };
  return code === 'ERR_MODULE_NOT_FOUND' || message?.includes(`'${name}'`) === true;
};

const load = async (name: string): Promise<OnnxRuntime> => {
  // Bundlers leave a name in a variable alone: pages give the module themselves.
  const module = (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as Partial<OnnxRuntime> & {
    readonly default?: OnnxRuntime;
  };
  return (module.InferenceSession ? module : module.default) as OnnxRuntime;
};

/**
 * onnxruntime-node where it is installed.
 * @throws Error that says how to install it, or in a page how to give one
 */
export const onnxruntime = async (): Promise<OnnxRuntime> => {
  if (!isInNode())
    throw new Error("in a page, give onnxruntime's module: { runtime: await import('onnxruntime-web') }");
  const name = 'onnxruntime-node';
  try {
    return await load(name);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new Error(`${name} is not installed: npm install --ignore-scripts ${name}`, { cause: error });
  }
};

/** The first version of onnxruntime-node that takes a model in memory with its weights in files. */
const [dataMajor, dataMinor] = [1, 21];

/** Tells whether a runtime takes a model in memory with its weights in files. */
export const takesWeightsInFiles = ({ env }: OnnxRuntime): boolean => {
  const [major, minor] = (env.versions.node ?? '0.0').split('.').map(Number);
  return major > dataMajor || (major === dataMajor && minor >= dataMinor);
};

/** The used part of WebGPU's interface. */
interface Adapter {
  readonly features: { has(name: string): boolean };
}

/** The graphics processor that a runtime computes on by its best provider; undefined where that is another one. */
export const adapterOf = async (
  runtime: OnnxRuntime,
  providers: readonly string[] = defaultProviders(runtime),
): Promise<Adapter | undefined> => {
  if (runtime.env.versions.node !== undefined || providers[0] !== 'webgpu') return undefined;
  const { gpu } = (globalThis.navigator ?? {}) as {
    readonly gpu?: { requestAdapter(): Promise<Adapter | null> };
  };
  return (await gpu?.requestAdapter()) ?? undefined;
};

/** The default execution providers of a runtime: the GPU in pages that have one, else the processor. */
export const defaultProviders = ({ env }: OnnxRuntime): readonly string[] => {
  if (env.versions.node !== undefined) return ['cpu'];
  return typeof navigator !== 'undefined' && 'gpu' in navigator ? ['webgpu', 'wasm'] : ['wasm'];
};
