/**
 * Broadcasting for the binary kernels of the wasm backend that do it element by element, at a hundred nanoseconds
 * each: comparisons and what XNNPACK does not compute. Their operands are broadcast first.
 */
import * as tf from '@tensorflow/tfjs-core';
import { replace } from './register.js';

type Pair = Record<'a' | 'b', tf.Tensor>;

const slow = [
  ...[tf.Equal, tf.NotEqual, tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual],
  ...[tf.LogicalAnd, tf.LogicalOr, tf.Maximum, tf.Minimum],
  ...[tf.Pow, tf.Mod, tf.Atan2, tf.FloorDiv],
];

/** Both operands in the result's shape; a single number is left to the kernel, which is fast with it. */
const broadcast = ({ a, b }: Pair): Pair => {
  if (a.size <= 1 || b.size <= 1 || tf.util.arraysEqual(a.shape, b.shape)) return { a, b };
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  return { a: tf.broadcastTo(a, shape), b: tf.broadcastTo(b, shape) };
};

export const registerBroadcast = (): void =>
  slow.forEach((kernelName) =>
    replace<Pair>('wasm', kernelName, (inputs, attrs, _backend, stock) => stock(broadcast(inputs), attrs)),
  );
