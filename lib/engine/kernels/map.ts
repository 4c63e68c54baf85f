/**
 * Functions of each element alone for the wasm backend, in one pass over memory: exponentials, activations, and the four
 * operations of arithmetic on two of one shape, which stock computes on one thread.
 */
import * as tf from '@tensorflow/tfjs-core';
import { gelu, geluGradient } from '../operations/gelu.js';
import { allocate } from './heap.js';
import {
  addressesOf,
  isFull,
  isWorthThreads,
  type Own,
  registerOwn,
  registerOwnOperation,
  wakeFor,
} from './own.js';

type T = tf.Tensor;

/** The numbers of operations in assembly/map.ts. */
const operations = {
  exp: 0,
  erf: 1,
  tanh: 2,
  sigmoid: 3,
  gelu: { tanh: 4, none: 5 },
  geluGradient: { tanh: 6, none: 7 },
  sum: 8,
  difference: 9,
  product: 10,
  quotient: 11,
  rectified: 12,
} as const;

/** operation(x), dy · operation(x), or x and y joined. */
const map = ({ native, backend }: Own, operation: number, x: T, y?: T): T => {
  const out = allocate(backend, x.shape);
  wakeFor(native, x.size);
  native.exports.map(operation, ...addressesOf(backend, [x, y, out]), x.size);
  return out;
};

const registerMap = (kernelName: string, operation: number): void =>
  registerOwn<{ x: T }>(kernelName, ({ x }, _attrs, own) => (isFull(x) ? map(own, operation, x) : undefined));

/** Two of one shape, where there is work for more than one thread; others are stock's. */
const registerJoin = (kernelName: string, operation: number): void =>
  registerOwn<{ a: T; b: T }>(kernelName, ({ a, b }, _attrs, own) =>
    isWorthThreads(a.size) && isFull(a, b) && tf.util.arraysEqual(a.shape, b.shape)
      ? map(own, operation, a, b)
      : undefined,
  );

export const registerMaps = (): void => {
  registerMap(tf.Exp, operations.exp);
  registerMap(tf.Erf, operations.erf);
  registerMap(tf.Tanh, operations.tanh);
  registerMap(tf.Sigmoid, operations.sigmoid);
  registerMap(tf.Relu, operations.rectified);
  registerJoin(tf.Add, operations.sum);
  registerJoin(tf.Sub, operations.difference);
  registerJoin(tf.Multiply, operations.product);
  registerJoin(tf.RealDiv, operations.quotient);
  registerOwnOperation(gelu, ({ x }, { approximate }, own) =>
    isFull(x) ? map(own, operations.gelu[approximate], x) : undefined,
  );
  registerOwnOperation(geluGradient, ({ x, dy }, { approximate }, own) =>
    isFull(x, dy) ? map(own, operations.geluGradient[approximate], x, dy) : undefined,
  );
};
