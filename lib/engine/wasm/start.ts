/**
 * Starting the engine: which tfjs backend runs the tensors, with the kernels and gradients that stock tfjs lacks.
 * Asynchronous and done once; all that comes after it is synchronous. Nothing here knows of layers.
 */
import * as tf from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { expectKnown } from '../../data/nearest.js';
import { fillBy, javaScript } from '../../random/fill.js';
import { registerDerivatives } from '../derivatives/index.js';
import { drawsOn } from '../kernels/draws.js';
import { type GpuBackend, gpuBackends, prepareBackend, prepareGpu } from '../gpu/startGpu.js';
import { guardHeap } from '../kernels/heap.js';
import { registerKernels } from '../kernels/index.js';
import { type Build, nativeOf, startNative, stopNative } from './native.js';
import { waitForJobs } from './jobs.js';
import { environment, physicalCores } from './platform.js';
import { pointToBinary, withoutNewListeners } from './wasmBackend.js';
import { isWithoutData } from '../shapes/withoutData.js';

export type Backend = 'wasm' | 'cpu' | GpuBackend;

/**
 * The kernels of the wasm backend: our own with relaxed SIMD (`relaxed`) or without (`plain`), or tfjs's (`stock`).
 * Relaxed SIMD multiplies and adds in one rounding. `wide` computes eight floats at once by an experimental flag of V8,
 * which Node 24 has; it is used only when asked for, and is `relaxed` on other versions.
 */
export type Kernels = Build | 'stock';

export interface EngineOptions {
  /**
   * `wasm`, WebAssembly, if not given. `cpu` is plain JavaScript, for places without it (products of matrices take twenty
   * to fifty times as long). `webgpu` and `webgl` compute on the graphics processor of a page, which imports tfjs's package
   * for it before: `@tensorflow/tfjs-backend-webgpu` or `-webgl`.
   */
  readonly backend?: Backend;
  /**
   * The number of threads that share the work on the wasm backend, the calling one included. RENGA_THREADS in the
   * environment if not given, or else one for each core of the processor. A page that is not cross-origin isolated has
   * one; `EngineInfo.threads` tells the number in use. Results do not depend on it. A page that first asks for one thread
   * keeps to one: nothing is then fetched from `blob:`, which strict policies forbid.
   */
  readonly threads?: number;
  /** RENGA_KERNELS in the environment if not given, or else the fastest that the machine has. */
  readonly kernels?: Kernels;
  /** Folder that holds tfjs's .wasm files: a path in Node, a URL in a page. Found by itself in Node. */
  readonly wasmPath?: string;
}

export interface EngineInfo {
  readonly backend: Backend;
  /** True where the backend computes four floats at once. */
  readonly simd: boolean;
  /** The kernels that run. */
  readonly kernels: Kernels;
  /** The number of threads that share the work. */
  readonly threads: number;
  /** Why there is but one where more were asked for. */
  readonly oneThread?: string;
  /** The graphics processor of the webgpu and webgl backends, as the browser names it. */
  readonly adapter?: string;
  /** Why plain JavaScript runs, where no backend was asked for. */
  readonly reason?: string;
}

/** More threads than this share no work any more: tasks would be smaller than what it takes to hand them out. */
const mostThreads = 32;

/** The backend that was asked for, and the one that runs. */
let started: { readonly asked: Backend; readonly info: EngineInfo } | undefined;
let last: Promise<unknown> = Promise.resolve();

/** The engine that runs; undefined before one was started. */
export const engineInfo = (): EngineInfo | undefined => started?.info;

/** True once an engine runs. */
export const isStarted = (): boolean => started !== undefined;

/** @throws Error when tensors are asked for before there is an engine (a shape-only reading needs none) */
export const requireEngine = (): void => {
  if (!started && !isWithoutData()) throw new Error('no engine runs yet: call await engine() first');
};

const prepared = new WeakSet<tf.KernelBackend>();

/** Makes a backend if there is none of its name yet. Unlike tfjs's setBackend it throws what went wrong. */
const ensure = async <B extends tf.KernelBackend>(
  name: Backend,
  prepare: (made: B) => void,
): Promise<void> => {
  const { registry } = tf.engine();
  const made = (registry[name] ?? (await tf.findBackendFactory(name)())) as B;
  if (!prepared.has(made)) prepare(made);
  prepared.add(made);
  registry[name] = made;
};

/** Why the wasm backend's heap cannot be shared by threads, once it runs. */
let whyOneThread: string | undefined;

const kinds: readonly Kernels[] = ['wide', 'relaxed', 'plain', 'stock'];

/** @throws RangeError when the environment names kernels that there are not */
const kernelsAsked = ({
  kernels = environment('RENGA_KERNELS') as Kernels | undefined,
}: EngineOptions): Kernels => {
  if (kernels !== undefined && !kinds.includes(kernels))
    throw new RangeError(`kernels (or RENGA_KERNELS) is '${kernels}', expected ${kinds.join(', ')}`);
  return kernels ?? 'relaxed';
};

/** @throws RangeError when what is asked for is no number of threads */
const threadsAsked = ({ threads }: EngineOptions): number => {
  const asked = threads ?? environment('RENGA_THREADS');
  if (asked === undefined) return Math.min(physicalCores(), mostThreads);
  const count = Number(asked);
  if (!Number.isInteger(count) || count < 1 || count > mostThreads)
    throw new RangeError(
      `threads (or RENGA_THREADS) is ${asked}, expected a whole number from 1 to ${mostThreads}`,
    );
  return count;
};

const startWasm = async (options: EngineOptions): Promise<EngineInfo> => {
  const [kernels, threads] = [kernelsAsked(options), threadsAsked(options)];
  // A tensor touched too early makes tfjs start the backend by itself; two that start at once trip over each other.
  await (tf.engine() as unknown as { pendingBackendInit?: Promise<boolean> }).pendingBackendInit;
  const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) as boolean;
  const isNew = !tf.engine().registry.wasm;
  if (isNew) whyOneThread = await pointToBinary(options.wasmPath, simd, threads);
  const prepare = (made: BackendWasm): void => {
    waitForJobs(made);
    guardHeap(made);
  };
  await withoutNewListeners(() => ensure('wasm', prepare));
  await tf.setBackend('wasm');
  const backend = tf.backend() as BackendWasm;
  if (kernels === 'stock' || !simd) await stopNative(backend);
  else await startNative(backend, { threads, build: kernels });
  fillBy(drawsOn(backend));
  const native = nativeOf(backend);
  const one = threads > 1 && native?.pool.count === 1 ? { oneThread: whyOneThread } : {};
  return {
    backend: 'wasm',
    simd,
    kernels: native?.build ?? 'stock',
    threads: native?.pool.count ?? 1,
    ...one,
  };
};

const ensureCpu = (): Promise<void> =>
  ensure('cpu', (made) => {
    // The backend's first tensor would advertise another package on the console. (The class is used as a value so
    // that bundlers keep its package, which registers its kernels by being loaded.)
    if (made instanceof MathBackendCPU) Object.assign(made, { firstUse: false });
  });

const startCpu = async (reason?: string): Promise<EngineInfo> => {
  await ensureCpu();
  await tf.setBackend('cpu');
  fillBy(javaScript);
  return {
    backend: 'cpu',
    simd: false,
    kernels: 'stock',
    threads: 1,
    ...(reason === undefined ? {} : { reason }),
  };
};

const startGpu = async (backend: GpuBackend): Promise<EngineInfo> => {
  const adapter = await prepareGpu(backend);
  await ensureCpu();
  await ensure(backend, (made) => prepareBackend(backend, made));
  await tf.setBackend(backend);
  fillBy(javaScript);
  return { backend, simd: false, kernels: 'stock', threads: 1, adapter };
};

/** The message of an error, in a line; tfjs rejects with objects that are not errors. */
const messageOf = (error: unknown): string => (error as { message?: string })?.message ?? String(error);

const backends: readonly Backend[] = ['wasm', 'cpu', ...gpuBackends];

const isGpu = (backend: Backend): backend is GpuBackend => gpuBackends.includes(backend as GpuBackend);

/** @throws Error where WebAssembly was asked for by name and does not start */
const startWasmOrCpu = (options: EngineOptions): Promise<EngineInfo> =>
  startWasm(options).catch((error: unknown) => {
    if (error instanceof RangeError) throw error;
    const reason = `the wasm backend did not start: ${messageOf(error)}`;
    if (options.backend === undefined) return startCpu(reason);
    throw new Error(`engine: ${reason}; engine() runs plain JavaScript in its place`);
  });

const start = async (options: EngineOptions): Promise<EngineInfo> => {
  const asked = options.backend ?? 'wasm';
  if (!backends.includes(asked))
    throw new RangeError(
      `engine: backend is '${asked}', expected ${backends.slice(0, -1).join(', ')} or ${backends.at(-1)}`,
    );
  const isTryAgain = started?.info.reason !== undefined && options.wasmPath !== undefined;
  const isOther = options.threads !== undefined || options.kernels !== undefined;
  if (started?.asked === asked && tf.getBackend() === started.info.backend && !isTryAgain && !isOther)
    return started.info;
  registerKernels();
  registerDerivatives();
  const info = isGpu(asked)
    ? await startGpu(asked)
    : await (asked === 'cpu' ? startCpu() : startWasmOrCpu(options));
  started = { asked, info };
  return info;
};

/**
 * Starts the engine that layers run on. Asking again for the backend that runs changes nothing; asking for the
 * other one, or for other kernels or another number of threads, switches (tensors move by themselves when they are
 * used).
 *
 * If WebAssembly cannot be started and was not asked for by name, plain JavaScript runs in its place and `reason` says why.
 * Results of WebGPU have to be awaited before they are read: `await tensor.data()`.
 * @throws Error where a backend was asked for that does not start, such as a graphics processor that is not there or whose
 * package is missing; for options that are not known
 * @example
 * const { backend, threads } = await engine();
 */
export const engine = async (options: EngineOptions = {}): Promise<EngineInfo> => {
  expectKnown('engine', options, ['backend', 'threads', 'kernels', 'wasmPath']);
  const next = last.then(() => start(options));
  last = next.catch(() => undefined);
  return next;
};

/** Ends the threads that the engine started; it starts them again when there is work for them. */
export const stopThreads = async (): Promise<void> => {
  const { wasm } = tf.engine().registry;
  if (wasm) await nativeOf(wasm as BackendWasm)?.pool.stop();
};
