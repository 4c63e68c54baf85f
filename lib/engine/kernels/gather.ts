/**
 * Gather for the wasm backend: rows by their numbers, as embeddings are looked up. The stock kernel takes a hundred
 * nanoseconds an element.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, type BackendWasm, views } from './heap.js';
import { addressesOf, type Own, registerOwn, wakeFor } from './own.js';

type Inputs = Readonly<Record<'x' | 'indices', tf.Tensor>>;

/** @throws Error when an index is not on the axis, as tfjs does */
const expectInside = (backend: BackendWasm, indices: tf.Tensor, size: number): void => {
  const [ids] = views(backend, [indices]);
  const wrong = ids.findIndex((id) => !(id >= 0 && id < size));
  if (wrong >= 0) throw new Error(`GatherV2: the index value ${ids[wrong]} is not in [0, ${size - 1}]`);
};

const compute = ({ native, backend }: Own, { x, indices }: Inputs, axis: number): tf.Tensor => {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const ids = indices.dtype === 'int32' ? indices : tf.cast(indices, 'int32');
  expectInside(backend, ids, x.shape[axis]);
  const out = allocate(backend, [...before, ...indices.shape, ...after], x.dtype);
  const bytes = tf.util.sizeFromShape(after) * tf.util.bytesPerElement(x.dtype);
  wakeFor(native, out.size);
  const sizes = [tf.util.sizeFromShape(before), x.shape[axis], indices.size, bytes];
  native.exports.gather(...addressesOf(backend, [x, ids, out]), ...sizes);
  return out;
};

export const registerGather = (): void =>
  registerOwn<Inputs, tf.GatherV2Attrs>(tf.GatherV2, (inputs, { axis, batchDims = 0 }, own) => {
    const { x, indices } = inputs;
    const isOurs = batchDims === 0 && x.dtype !== 'string' && x.size > 0 && indices.size > 0;
    return isOurs ? compute(own, inputs, tf.util.parseAxisParam(axis, x.shape)[0]) : undefined;
  });
