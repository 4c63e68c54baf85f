/**
 * Strided slices that drop axes: the stock kernels of both backends read the wrong elements when a stride is not 1
 * as well. They are told to keep every axis, and the result is reshaped.
 */
import * as tf from '@tensorflow/tfjs-core';
import { replace } from './register.js';

/** The same slice with one begin, end and stride for each axis of x and no masks but where one goes down to the start. */
const dense = (x: tf.Tensor, a: tf.StridedSliceAttrs): { attrs: tf.StridedSliceAttrs; shape: number[] } => {
  const masks = [a.beginMask, a.endMask, a.ellipsisMask, a.newAxisMask, a.shrinkAxisMask] as const;
  const { begin, end, strides, finalShape } = tf.slice_util.sliceInfo(
    x.shape,
    a.begin,
    a.end,
    a.strides,
    ...masks,
  );
  // Going down, the end lies before 0, where a number would count from the end of the axis.
  const endMask = end.reduce((mask, stop, axis) => (stop < 0 ? mask | (1 << axis) : mask), 0);
  const none = { beginMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
  return { attrs: { begin, end, strides, endMask, ...none }, shape: finalShape };
};

export const registerStridedSlice = (backendName: string): void =>
  replace<{ x: tf.Tensor }, tf.StridedSliceAttrs>(
    backendName,
    tf.StridedSlice,
    ({ x }, given, _backend, stock) => {
      const { attrs, shape } = dense(x, given);
      return tf.reshape(stock({ x }, attrs), shape);
    },
  );
