/**
 * Tile for the wasm backend, and with it everything that is broadcast: the stock kernel takes a hundred
 * nanoseconds an element.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, views, type BackendWasm } from './heap.js';
import { register } from './register.js';

/** Below this length a loop copies faster than `set` and `fill` do. */
const shortRun = 24;

/** Each block of x, `times` times in a row. */
export const repeatBlocks = (x: tf.TypedArray, block: number, times: number, out: tf.TypedArray): void => {
  let to = 0;
  for (let from = 0; from < x.length; from += block) {
    if (block === 1 && times >= shortRun) {
      out.fill(x[from], to, (to += times));
      continue;
    }
    for (let copy = 0; copy < times; copy += 1, to += block) {
      if (block >= shortRun) out.set(x.subarray(from, from + block), to);
      else for (let i = 0; i < block; i += 1) out[to + i] = x[from + i];
    }
  }
};

/** The repetitions of x: for each repeated axis, from the last to the first, the elements of a block and its copies. */
const repetitions = (
  shape: readonly number[],
  reps: readonly number[],
): { block: number; times: number }[] => {
  const steps: { block: number; times: number }[] = [];
  let block = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    block *= shape[axis];
    if (reps[axis] !== 1) steps.push({ block, times: reps[axis] });
    block *= reps[axis];
  }
  return steps;
};

export const registerTile = (): void =>
  register<{ x: tf.Tensor }, tf.TileAttrs, BackendWasm>('wasm', tf.Tile, ({ x }, { reps }, backend) => {
    const steps = repetitions(x.shape, reps);
    if (steps.length === 0) return tf.clone(x);
    const shape = x.shape.map((n, axis) => n * reps[axis]);
    // Axis by axis, each from the tensor that the one before has made.
    return steps.reduce<tf.Tensor>((tiled, { block, times }, i) => {
      const isLast = i === steps.length - 1;
      const next = allocate(backend, isLast ? shape : [tiled.size * times], x.dtype);
      const [from, to] = views(backend, [tiled, next]);
      repeatBlocks(from, block, times, to);
      return next;
    }, x);
  });
