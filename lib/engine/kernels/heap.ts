/**
 * Tensors on the heap of tfjs's wasm backend: made without values, and seen as typed arrays.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

export type { BackendWasm };

/** A tensor on the heap whose elements are yet to be written. */
export const allocate = (backend: BackendWasm, shape: number[], dtype: tf.DataType = 'float32'): tf.Tensor =>
  tf.engine().makeTensorFromTensorInfo(backend.makeOutput(shape, dtype), backend);

/** The same elements as a tensor of another shape. */
export const reshaped = (backend: BackendWasm, { dataId, dtype }: tf.Tensor, shape: number[]): tf.Tensor => {
  backend.incRef(dataId);
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype }, backend);
};

/**
 * The elements of tensors where they lie: no copies, and good until the next allocation, which may move the heap.
 * Float32Array stands for the typed array of each tensor's dtype.
 */
export const views = (backend: BackendWasm, tensors: readonly tf.TensorInfo[]): Float32Array[] => {
  // Asking for a tensor's data moves it here from another backend; that allocates, so it comes before any view.
  tensors.forEach(({ dataId }) => backend.dataIdMap.get(dataId));
  return tensors.map((tensor) => backend.typedArrayFromHeap(tensor) as Float32Array);
};

/** The address of a tensor's elements on the heap, in bytes; it stays the same when the heap grows. */
export const addressOf = (backend: BackendWasm, { dataId }: tf.TensorInfo): number =>
  backend.dataIdMap.get(dataId).memoryOffset;

/** The allocator of the heap; addresses are in bytes. */
interface Heap {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** The error of a tensor that has no place on the heap; its message begins with the operation, once that is known. */
class PlaceError extends RangeError {
  operation?: string;
}

/** Calls a kernel; the error of a tensor without a place names the kernel. */
const named =
  ({ kernelName, kernelFunc }: tf.KernelConfig): tf.KernelFunc =>
  (call) => {
    try {
      return kernelFunc(call);
    } catch (error) {
      if (error instanceof PlaceError && error.operation === undefined) {
        error.operation = kernelName;
        error.message = `${kernelName}: ${error.message}`;
      }
      throw error;
    }
  };

/** Makes errors of the heap name the kernels of the wasm backend, all of which are registered by now. */
export const nameKernels = (): void =>
  tf.getKernelsForBackend('wasm').forEach((config) => Object.assign(config, { kernelFunc: named(config) }));

/** The error of a full heap: the tensor or the purpose, its size, and the tensors that fill the heap. */
const full = (what: string, bytes: number): PlaceError => {
  const { numTensors, numBytes } = tf.memory();
  return new PlaceError(
    `the memory of the wasm backend (4 GiB) is full: no place for ${what} (${megabytes(bytes)}) beside ` +
      `${numTensors} tensors of ${megabytes(numBytes)}`,
  );
};

/** The first address that WebAssembly cannot name. */
const end = 2 ** 32;

/**
 * Turns a full heap into an error, thrown before anything is written. Without it tfjs takes the 0 that `malloc` gives for
 * an address; sizes of 4 GiB and more are cut to their lower 32 bits; and a request near the end of the heap is given a
 * free block that is too small, because its end is computed in 32 bits.
 */
export const guardHeap = (backend: BackendWasm): void => {
  const heap = backend.wasm as unknown as Heap;
  // Emscripten puts the true functions in place when they are first called.
  heap._free(heap._malloc(1));
  const { _malloc: malloc, _free: free } = heap;
  let what = 'working memory';
  const allocateOrThrow = (bytes: number): number => {
    if (!(bytes >= 0)) throw new PlaceError(`no place for ${what}: its size is ${bytes} bytes`);
    const address = bytes < end ? malloc(bytes) >>> 0 : 0;
    if (address === 0 && bytes > 0) throw full(what, bytes);
    if (address + bytes <= end) return address;
    // The block is too small. It is held until another one is found, and given back.
    try {
      return allocateOrThrow(bytes);
    } finally {
      free(address);
    }
  };
  heap._malloc = allocateOrThrow;
  const makeOutput = backend.makeOutput.bind(backend);
  backend.makeOutput = (shape, dtype, address, values) => {
    if (shape.every((n) => n >= 0)) return makeOutput(shape, dtype, address, values);
    throw new PlaceError(
      `the wasm backend cannot make a tensor [${shape.map(String).join(', ')}] of ${dtype}: its size in bytes is not known; expected ` +
        'axes and sizes that the inputs of the operation have',
    );
  };
  const move = backend.move.bind(backend);
  backend.move = (dataId, values, shape, dtype, refCount) => {
    what = `a tensor [${shape.join(', ')}] of ${dtype}`;
    try {
      move(dataId, values, shape, dtype, refCount);
    } finally {
      what = 'working memory';
    }
  };
};
