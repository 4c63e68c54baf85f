/**
 * Gather for the wasm backend: rows by their numbers, as embeddings are looked up. The stock kernel takes a hundred
 * nanoseconds an element.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, type BackendWasm, views } from './heap.js';
import { addressesOf, type Own, registerOwn, wakeFor } from './own.js';
import { replace } from './register.js';

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

/**
 * Indices of their own for each example, by the numbers of rows of all examples: stock takes those of the first example, and
 * writes outside of the result.
 */
const byExample = ({ x, indices }: Inputs, axis: number, batchDims: number): tf.Tensor => {
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } =
    tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims);
  if (x.size === 0 || indices.size === 0) return tf.zeros(outputShape, x.dtype as 'float32');
  expectInside(tf.backend() as BackendWasm, indices, dimSize);
  const firsts = tf.range(0, batchSize * outerSize * dimSize, dimSize, 'int32');
  const each = tf.reshape(indices, [batchSize, 1, indices.size / batchSize]);
  const rows = tf.add(each, tf.reshape(firsts, [batchSize, outerSize, 1]));
  return tf.reshape(tf.gather(tf.reshape(x, [-1, sliceSize]), rows), outputShape);
};

export const registerGather = (): void => {
  registerOwn<Inputs, tf.GatherV2Attrs>(tf.GatherV2, (inputs, { axis, batchDims = 0 }, own) => {
    const { x, indices } = inputs;
    const isOurs = batchDims === 0 && x.dtype !== 'string' && x.size > 0 && indices.size > 0;
    return isOurs ? compute(own, inputs, tf.util.parseAxisParam(axis, x.shape)[0]) : undefined;
  });
  replace<Inputs, tf.GatherV2Attrs>('wasm', tf.GatherV2, (inputs, attrs, _backend, stock) => {
    const { axis, batchDims = 0 } = attrs;
    const { x, indices } = inputs;
    if (batchDims === 0 && x.size > 0 && indices.size > 0) return stock(inputs, attrs);
    const ids = indices.dtype === 'int32' ? indices : tf.cast(indices, 'int32');
    return byExample({ x, indices: ids }, tf.util.parseAxisParam(axis, x.shape)[0], batchDims);
  });
};
