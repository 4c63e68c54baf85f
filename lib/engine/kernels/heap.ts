/**
 * Tensors on the heap of tfjs's wasm backend: made without values, and seen as typed arrays.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

export type { BackendWasm };

/** A tensor on the heap whose elements are yet to be written. */
export const allocate = (backend: BackendWasm, shape: number[], dtype: tf.DataType = 'float32'): tf.Tensor =>
  tf.engine().makeTensorFromTensorInfo(backend.makeOutput(shape, dtype), backend);

/**
 * The elements of tensors where they lie: no copies, and good until the next allocation, which may move the heap.
 * Float32Array stands for the typed array of each tensor's dtype.
 */
export const views = (backend: BackendWasm, tensors: readonly tf.TensorInfo[]): Float32Array[] => {
  // Asking for a tensor's data moves it here from another backend; that allocates, so it comes before any view.
  tensors.forEach(({ dataId }) => backend.dataIdMap.get(dataId));
  return tensors.map((tensor) => backend.typedArrayFromHeap(tensor) as Float32Array);
};
