/**
 * The kernels in WebAssembly, running on the heap of tfjs's wasm backend: the build that suits the machine, handed to
 * the threads that share the work.
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as binaries from './binaries.js';
import { isNode, nodeModule } from './platform.js';
import { withSharing } from './sharedHeap.js';
import type { Exports } from './exports.js';
import { type Pool, startPool } from './pool.js';

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
  readonly build: Build;
  readonly pool: Pool;
  readonly memory: WebAssembly.Memory;
  /** Address of `roomForPacking` floats. */
  readonly packed: () => number;
  readonly free: () => void;
}

interface NativeOptions {
  /** The most threads that share the work. */
  readonly threads: number;
  readonly build: Build;
}

const decode = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/** The builds of the kernels. */
export type Build = 'plain' | 'relaxed' | 'wide';

const builds: Readonly<Record<Build, string>> = binaries;

/**
 * The flags that V8 needs for a build: for relaxed SIMD in Node 20, and for wider operations in Node 24. A version
 * without such a flag prints a complaint about it, and so is not given it.
 */
const flags: Readonly<
  Record<Build, { readonly flag: string; readonly first: number; readonly last: number }>
> = {
  plain: { flag: '', first: Infinity, last: 0 },
  relaxed: { flag: '--experimental-wasm-relaxed-simd', first: 20, last: 21 },
  wide: { flag: '--experimental-wasm-revectorize', first: 24, last: Infinity },
};

/** Tells builds that V8 runs, with a flag or without. */
const prepare = (build: Build): boolean => {
  const { flag, first, last } = flags[build];
  const major = isNode() ? Number(process.versions.node.split('.')[0]) : 0;
  const isAsked = major >= first && major <= last;
  if (isAsked) nodeModule<typeof import('node:v8')>('node:v8')?.setFlagsFromString(flag);
  return isAsked || build !== 'wide';
};

/** The build that is tried in place of one that this machine does not run. */
const fallback: Readonly<Record<Build, Build>> = { wide: 'relaxed', relaxed: 'plain', plain: 'plain' };

/** A build of the kernels, or the next best. */
const compile = (build: Build, isShared: boolean): readonly [WebAssembly.Module, Build] => {
  const binary = withSharing(decode(builds[build]), isShared);
  const isTaken = prepare(build) && WebAssembly.validate(binary);
  return isTaken || build === 'plain'
    ? [new WebAssembly.Module(binary), build]
    : compile(fallback[build], isShared);
};

/** The part of tfjs's wasm module that its published type leaves out. */
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
export const startNative = async (backend: BackendWasm, { threads, build }: NativeOptions): Promise<void> => {
  await stopNative(backend);
  const heap = backend.wasm as unknown as Emscripten;
  const { memory } = heap.asm;
  const isShared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const count = isShared ? threads : 1;
  const [module, taken] = compile(build, isShared);
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
    build: taken,
    pool,
    memory,
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
