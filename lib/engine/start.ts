/**
 * Starting the engine: which tfjs backend runs the tensors, with the kernels and gradients that stock tfjs lacks.
 * Asynchronous and done once; all that comes after it is synchronous. Nothing here knows of layers.
 */
import * as tf from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as wasm from '@tensorflow/tfjs-backend-wasm';
import { registerDerivatives } from './derivatives/index.js';
import { guardHeap } from './kernels/heap.js';
import { registerKernels } from './kernels/index.js';
import { isWithoutData } from './withoutData.js';

export type Backend = 'wasm' | 'cpu';

export interface EngineOptions {
  /** WebAssembly, or plain JavaScript, for places without it (products of matrices take twenty to fifty times as long). */
  readonly backend?: Backend;
  /**
   * How many threads the wasm backend may use, where it can: stock tfjs has threads only in cross-origin isolated
   * pages. In Node it runs one whatever is asked; `EngineInfo.threads` says how many there are.
   */
  readonly threads?: number;
  /** Folder that holds tfjs's .wasm files: a path in Node, a URL in a page. Found by itself in Node. */
  readonly wasmPath?: string;
}

export interface EngineInfo {
  readonly backend: Backend;
  /** Whether the backend computes four floats at once. */
  readonly simd: boolean;
  readonly threads: number;
  /** Why another backend than the one asked for runs. */
  readonly reason?: string;
}

/** What runs, and what was asked for. */
let started: { readonly asked: Backend; readonly info: EngineInfo } | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Does an engine run? */
export const isStarted = (): boolean => started !== undefined;

/** @throws Error when tensors are asked for before there is an engine (a shape-only reading needs none) */
export const requireEngine = (): void => {
  if (!started && !isWithoutData()) throw new Error('no engine runs yet: call await engine() first');
};

/** Node's own modules without an import that bundlers for browsers would stumble on; undefined in a page. */
const nodeModule = <M>(name: string): M | undefined =>
  typeof process === 'undefined' ? undefined : (process.getBuiltinModule?.(name) as M | undefined);

/** The folder of tfjs's .wasm files where a package manager put it; undefined in a page. */
const installedFolder = (): string | undefined => {
  try {
    const require = nodeModule<typeof import('node:module')>('node:module')?.createRequire(import.meta.url);
    return require?.resolve('@tensorflow/tfjs-backend-wasm').replace(/[^\\/]*$/, '');
  } catch {
    return undefined; // bundled: tfjs looks beside the script
  }
};

const wasmFile = (simd: boolean): string => (simd ? 'tfjs-backend-wasm-simd.wasm' : 'tfjs-backend-wasm.wasm');

/** @throws Error when a file that should be there is not; emscripten would print pages about it */
const pointToWasm = (folder: string | undefined, simd: boolean): void => {
  if (folder === undefined) return;
  const prefix = /[\\/]$/.test(folder) ? folder : `${folder}/`;
  const fs = nodeModule<typeof import('node:fs')>('node:fs');
  if (fs && !fs.existsSync(prefix + wasmFile(simd)))
    throw new Error(`there is no ${prefix}${wasmFile(simd)}`);
  wasm.setWasmPaths(prefix);
};

/**
 * Runs `start` and takes away the listeners that it put on the process: emscripten's rethrow every error with a
 * page of minified code before it.
 */
const withoutNewListeners = async <A>(start: () => Promise<A>): Promise<A> => {
  if (typeof process === 'undefined' || typeof process.listeners !== 'function') return start();
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as 'exit')));
  try {
    return await start();
  } finally {
    events.forEach((event, i) =>
      process
        .listeners(event as 'exit')
        .filter((listener) => !before[i].has(listener))
        .forEach((listener) => process.removeListener(event, listener)),
    );
  }
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

const startWasm = async ({ threads, wasmPath }: EngineOptions): Promise<EngineInfo> => {
  // A tensor touched too early makes tfjs start the backend by itself; two that start at once trip over each other.
  await (tf.engine() as unknown as { pendingBackendInit?: Promise<boolean> }).pendingBackendInit;
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  if (!tf.engine().registry.wasm) {
    pointToWasm(wasmPath ?? installedFolder(), simd as boolean);
    if (threads !== undefined) wasm.setThreadsCount(threads);
  }
  await withoutNewListeners(() => ensure('wasm', guardHeap));
  await tf.setBackend('wasm');
  return { backend: 'wasm', simd: simd as boolean, threads: Math.max(1, wasm.getThreadsCount()) };
};

const startCpu = async (reason?: string): Promise<EngineInfo> => {
  await ensure('cpu', (made) => {
    // The backend's first tensor would advertise another package on the console. (The class is used as a value so
    // that bundlers keep its package, which registers its kernels by being loaded.)
    if (made instanceof MathBackendCPU) Object.assign(made, { firstUse: false });
  });
  await tf.setBackend('cpu');
  return { backend: 'cpu', simd: false, threads: 1, ...(reason === undefined ? {} : { reason }) };
};

/** What went wrong, in a line; tfjs rejects with objects that are not errors. */
const messageOf = (error: unknown): string => (error as { message?: string })?.message ?? String(error);

const start = async (options: EngineOptions): Promise<EngineInfo> => {
  const asked = options.backend ?? 'wasm';
  const isTryAgain = started?.info.reason !== undefined && options.wasmPath !== undefined;
  if (started?.asked === asked && tf.getBackend() === started.info.backend && !isTryAgain)
    return started.info;
  registerKernels();
  registerDerivatives();
  const info =
    asked === 'cpu'
      ? await startCpu()
      : await startWasm(options).catch((error: unknown) =>
          startCpu(`the wasm backend did not start: ${messageOf(error)}`),
        );
  started = { asked, info };
  return info;
};

/**
 * Starts the engine that layers run on. Asking again for the backend that runs changes nothing; asking for the
 * other one switches (tensors move by themselves when they are used).
 *
 * If WebAssembly cannot be started, plain JavaScript runs in its place and `reason` says why.
 * @example
 * const { backend, threads } = await engine();
 */
export const engine = (options: EngineOptions = {}): Promise<EngineInfo> => {
  const next = last.then(() => start(options));
  last = next.catch(() => undefined);
  return next;
};
