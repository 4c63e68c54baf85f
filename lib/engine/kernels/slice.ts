/**
 * Slice for the wasm backend: the stock kernel first copies the whole tensor out of the heap, however little of it is
 * asked for.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, views, type BackendWasm } from './heap.js';
import { replace } from './register.js';

interface Box {
  readonly begin: readonly number[];
  readonly size: readonly number[];
}

/** Below this length a loop copies faster than `set` does. */
const shortRun = 24;

/** Copies a box of x, run by run: elements that lie together in x as in the box are one. */
export const copyBox = (
  x: tf.TypedArray,
  shape: readonly number[],
  { begin, size }: Box,
  out: tf.TypedArray,
): void => {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  // The last axis of which only a part is taken: what it and the axes after it hold is one run.
  let axis = shape.length - 1;
  while (axis > 0 && size[axis] === shape[axis]) axis -= 1;
  const run = shape.length === 0 ? 1 : size[axis] * strides[axis];
  const start = begin.reduce((offset, at, i) => offset + at * strides[i], 0);
  const position = size.slice(0, Math.max(0, axis)).map(() => 0);
  for (let to = 0, from = start; to < out.length; to += run) {
    if (run >= shortRun) out.set(x.subarray(from, from + run), to);
    else for (let i = 0; i < run; i += 1) out[to + i] = x[from + i];
    for (let i = position.length - 1; i >= 0; i -= 1) {
      from += strides[i];
      position[i] += 1;
      if (position[i] < size[i]) break;
      from -= strides[i] * size[i];
      position[i] = 0;
    }
  }
};

export const registerSlice = (): void =>
  replace<{ x: tf.Tensor }, tf.SliceAttrs, BackendWasm>('wasm', tf.Slice, ({ x }, attrs, backend, stock) => {
    // Strings are not on the heap.
    if (x.dtype === 'string') return stock({ x }, attrs);
    const [begin, size] = tf.slice_util.parseSliceParams(x, attrs.begin, attrs.size);
    const out = allocate(backend, size, x.dtype);
    const [from, to] = views(backend, [x, out]);
    if (out.size > 0) copyBox(from, x.shape, { begin, size }, to);
    return out;
  });
