/**
 * Jobs under way: kernels of our own return once their job is launched, and other threads work on it while JavaScript
 * prepares the next kernel. Whatever else touches the heap waits for the job here: reading values, views, the stock
 * kernels; and memory that is given back meanwhile is freed when the job is done.
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

/** Memory that is given back while a job may use it is freed later: when the heap is full, or during another job. */
const freeLater = (backend: BackendWasm, heap: Emscripten): void => {
  const { _malloc: malloc, _free: free } = heap;
  const late: number[] = [];
  let during = 0;
  const freeLate = (): void => late.splice(0).forEach((address) => free(address));
  heap._free = (address) => {
    const job = nativeOf(backend)?.exports.running() ?? 0;
    if (job !== during) freeLate();
    during = job;
    if (job === 0) free(address);
    else late.push(address);
  };
  heap._malloc = (bytes) => {
    const address = malloc(bytes);
    if (address !== 0 || late.length === 0) return address;
    nativeOf(backend)?.exports.settle();
    freeLate();
    return malloc(bytes);
  };
};

/** Makes a backend wait for the job under way wherever that might still write what is read. */
export const waitForJobs = (backend: BackendWasm): void => {
  const heap = backend.wasm as unknown as Emscripten;
  // Emscripten puts the true functions in place when they are first called.
  heap._free(heap._malloc(1));
  freeLater(backend, heap);
  const settled =
    <A extends readonly unknown[], B>(run: (...args: A) => B) =>
    (...args: A): B => {
      nativeOf(backend)?.exports.settle();
      return run(...args);
    };
  backend.readSync = settled(backend.readSync.bind(backend));
  backend.typedArrayFromHeap = settled(backend.typedArrayFromHeap.bind(backend));
  // Stock kernels take their functions from here when the backend is set.
  const cwrap = heap.cwrap.bind(heap);
  heap.cwrap = (...signature) => settled(cwrap(...signature));
};

/** Waits for the job under way, if there is one: for whoever times kernels. */
export const settle = (): void => {
  const { wasm } = tf.engine().registry;
  if (wasm) nativeOf(wasm as BackendWasm)?.exports.settle();
};
