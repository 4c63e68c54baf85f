/**
 * Jobs that wait: kernels of our own return once their job is written down, and threads do the jobs in their order while
 * JavaScript prepares the next kernel. Whatever else touches the heap waits for them here: reading values, views, the stock
 * kernels.
 *
 * Memory that is given back is kept by size and handed on to the next tensor of that size: what its last job left in the
 * cache is found there, and a job may still use it, because the next tensor is written by a later job.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { nativeOf } from './native.js';

/** The part of tfjs's wasm module that its published type leaves out. */
interface Emscripten {
  _malloc(bytes: number): number;
  _free(address: number): void;
  cwrap(...signature: readonly unknown[]): (...args: readonly unknown[]) => unknown;
}

/** Memory that was given back, and the number of jobs that may use it. */
interface Block {
  readonly address: number;
  readonly jobs: number;
}

/** Sizes of blocks are multiples of this number of bytes. */
const grain = 64;

/** Memory in use and kept may be this much more than was ever in use: a share of it, and bytes. */
const surplus = { share: 1.25, bytes: 2 ** 24 };

/** Keeps the blocks of a heap that are given back. */
class Blocks {
  readonly #sizes = new Map<number, number>();
  readonly #kept = new Map<number, Block[]>();
  #inUse = 0;
  #most = 0;
  #idle = 0;
  readonly #malloc: (bytes: number) => number;
  readonly #free: (address: number) => void;

  constructor(
    { _malloc, _free }: Emscripten,
    private readonly backend: BackendWasm,
  ) {
    this.#malloc = _malloc;
    this.#free = _free;
  }

  /** Memory for a later job; if `isWrittenNow`, memory that no job uses. */
  take(bytes: number, isWrittenNow: boolean): number {
    const size = Math.ceil(bytes / grain) * grain;
    if (size >= 2 ** 32) return 0;
    const address = this.#keptOf(size, isWrittenNow) ?? this.#fresh(size, bytes);
    if (address === 0) return 0;
    this.#sizes.set(address, size);
    this.#inUse += size;
    if (this.#inUse > this.#most) this.#most = this.#inUse;
    return address;
  }

  give(address: number): void {
    const size = this.#sizes.get(address);
    if (size === undefined) {
      this.settle();
      return this.#free(address);
    }
    this.#sizes.delete(address);
    this.#inUse -= size;
    this.#idle += size;
    const block = { address, jobs: nativeOf(this.backend)?.exports.written() ?? 0 };
    const kept = this.#kept.get(size);
    if (kept) kept.push(block);
    else this.#kept.set(size, [block]);
  }

  settle(): void {
    nativeOf(this.backend)?.exports.settle();
  }

  #keptOf(size: number, isWrittenNow: boolean): number | undefined {
    const kept = this.#kept.get(size);
    if (!kept || kept.length === 0) return undefined;
    // The block that was given back first: the jobs that may use it are nearly always done.
    if (isWrittenNow && kept[0].jobs > (nativeOf(this.backend)?.exports.finished() ?? 0)) this.settle();
    const block = (isWrittenNow ? kept.shift() : kept.pop()) as Block;
    this.#idle -= size;
    return block.address;
  }

  #fresh(size: number, bytes: number): number {
    const all = this.#inUse + this.#idle + size;
    if (this.#idle > 0 && all > surplus.share * this.#most + surplus.bytes) this.#release();
    const place = this.#malloc(size) >>> 0;
    if (place !== 0 || this.#idle === 0) return place;
    this.#release();
    return this.#malloc(bytes) >>> 0;
  }

  /** Gives all that is kept back to the heap. */
  #release(): void {
    this.settle();
    for (const blocks of this.#kept.values()) blocks.forEach(({ address }) => this.#free(address));
    this.#kept.clear();
    this.#idle = 0;
  }
}

/** Makes a backend wait for jobs wherever they might still write what is read, and reuse memory while they go on. */
export const waitForJobs = (backend: BackendWasm): void => {
  const heap = backend.wasm as unknown as Emscripten;
  // Emscripten puts the true functions in place when they are first called.
  heap._free(heap._malloc(1));
  const blocks = new Blocks(heap, backend);
  let isWrittenNow = false;
  heap._malloc = (bytes) => blocks.take(bytes, isWrittenNow);
  heap._free = (address) => blocks.give(address);
  const move = backend.move.bind(backend);
  backend.move = (dataId, values, ...more) => {
    isWrittenNow = (values as unknown) !== null;
    try {
      move(dataId, values, ...more);
    } finally {
      isWrittenNow = false;
    }
  };
  const settled =
    <A extends readonly unknown[], B>(run: (...args: A) => B) =>
    (...args: A): B => {
      blocks.settle();
      return run(...args);
    };
  backend.readSync = settled(backend.readSync.bind(backend));
  backend.typedArrayFromHeap = settled(backend.typedArrayFromHeap.bind(backend));
  // Stock kernels take their functions from here when the backend is set.
  const cwrap = heap.cwrap.bind(heap);
  heap.cwrap = (...signature) => settled(cwrap(...signature));
};

/** Waits for all jobs: for whoever times kernels. */
export const settle = (): void => {
  const { wasm } = tf.engine().registry;
  if (wasm) nativeOf(wasm as BackendWasm)?.exports.settle();
};
