/**
 * The kernels in WebAssembly, running on the heap of tfjs's wasm backend: compiled once, with relaxed SIMD where the
 * machine has it, and handed to the threads that share the work.
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as binaries from './binaries.js';
import { withSharing } from './sharedHeap.js';
import { type Pool, startPool } from './pool.js';

/** What the module exports; addresses and sizes are numbers, flags are 0 or 1. */
export interface Exports {
  readonly attention: (...args: number[]) => void;
  readonly attentionGathers: (...args: number[]) => number;
  /** Whether a phase was too large. */
  readonly fourier: (...args: number[]) => number;
  readonly gather: (...args: number[]) => void;
  readonly layerNorm: (...args: number[]) => void;
  readonly layerNormBack: (...args: number[]) => void;
  readonly layerNormShares: (rows: number, columns: number) => number;
  readonly map: (...args: number[]) => void;
  readonly matMul: (...args: number[]) => void;
  readonly patches: (...args: number[]) => void;
  readonly reduce: (...args: number[]) => void;
  readonly reduceNeeds: (outer: number, steps: number, inner: number) => number;
  readonly setUp: (control: number, scratch: number, scratchBytes: number, mayWait: number) => void;
  readonly setThreads: (count: number) => void;
  readonly serve: (thread: number) => void;
  readonly softmax: (...args: number[]) => void;
  readonly sumSegments: (...args: number[]) => void;
  readonly transpose: (...args: number[]) => void;
  /** Whether an argument was too large. */
  readonly wave: (...args: number[]) => number;
}

/** Bytes of the control block, and of what each thread writes on alone. */
const controlBytes = 4096;
const scratchBytes = 2 ** 20;

/** Floats that a thread may write on alone. */
export const scratchFloats = scratchBytes / Float32Array.BYTES_PER_ELEMENT;

/** Floats of packed operands held at once: 16 MB. */
export const roomForPacking = 2 ** 22;

/** Kernels on one backend. */
export interface Native {
  readonly exports: Exports;
  readonly isRelaxed: boolean;
  readonly pool: Pool;
  /** Address of `roomForPacking` floats. */
  readonly packed: () => number;
  readonly free: () => void;
}

export interface NativeOptions {
  /** How many threads share the work, at most. */
  readonly threads: number;
  /** Whether relaxed SIMD may be used; results then differ in the last digit from one kind of machine to another. */
  readonly mayRelax: boolean;
}

const decode = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/** V8 has relaxed SIMD behind a flag in Node 20; later versions have it and know no such flag. */
const allowRelaxed = (binary: Uint8Array<ArrayBuffer>): void => {
  if (WebAssembly.validate(binary) || typeof process === 'undefined') return;
  const v8 = process.getBuiltinModule?.('node:v8');
  if (Number(process.versions?.node?.split('.')[0]) < 22)
    v8?.setFlagsFromString('--experimental-wasm-relaxed-simd');
};

/** The fastest build that this machine takes. */
const compile = (isShared: boolean, mayRelax: boolean): readonly [WebAssembly.Module, boolean] => {
  if (mayRelax) {
    const relaxed = withSharing(decode(binaries.relaxed), isShared);
    allowRelaxed(relaxed);
    if (WebAssembly.validate(relaxed)) return [new WebAssembly.Module(relaxed), true];
  }
  return [new WebAssembly.Module(withSharing(decode(binaries.plain), isShared)), false];
};

/** What is used of tfjs's wasm module beyond its published type. */
interface Emscripten {
  readonly asm: { readonly memory: WebAssembly.Memory };
  readonly _malloc: (bytes: number) => number;
  readonly _free: (address: number) => void;
}

const started = new WeakMap<BackendWasm, Native>();

/** The kernels of a backend that was started with them. */
export const nativeOf = (backend: BackendWasm): Native | undefined => started.get(backend);

/** A part of the heap on a cache line of its own. */
interface Part {
  readonly address: number;
  readonly free: () => void;
}

const reserve = ({ _malloc, _free }: Emscripten, bytes: number): Part => {
  const start = _malloc(bytes + 64) >>> 0;
  return { address: start + 63 - ((start + 63) % 64), free: () => _free(start) };
};

/** Starts the kernels on a backend's heap, in place of those that ran on it. */
export const startNative = async (
  backend: BackendWasm,
  { threads, mayRelax }: NativeOptions,
): Promise<void> => {
  await stopNative(backend);
  const heap = backend.wasm as unknown as Emscripten;
  const { memory } = heap.asm;
  const isShared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const count = isShared ? threads : 1;
  const [module, isRelaxed] = compile(isShared, mayRelax);
  const parts = [reserve(heap, controlBytes), reserve(heap, scratchBytes * count)];
  const [control, scratch] = parts.map(({ address }) => address);
  new Uint8Array(memory.buffer, control, controlBytes).fill(0);
  const pool = startPool({ module, memory, places: { control, scratch, scratchBytes }, count });
  let packed: Part | undefined;
  const room = (): Part => {
    parts.push((packed = reserve(heap, roomForPacking * Float32Array.BYTES_PER_ELEMENT)));
    return packed;
  };
  const native: Native = {
    exports: pool.exports,
    isRelaxed,
    pool,
    packed: () => (packed ?? room()).address,
    free: () => parts.forEach((part) => part.free()),
  };
  started.set(backend, native);
};

/** Ends the kernels on a backend, their threads with them; it then computes as tfjs does. */
export const stopNative = async (backend: BackendWasm): Promise<void> => {
  const native = started.get(backend);
  if (!native) return;
  started.delete(backend);
  await native.pool.stop();
  native.free();
};
