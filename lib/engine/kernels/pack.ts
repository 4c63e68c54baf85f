/**
 * Packing of many arrays into one matrix for the wasm backend: plain copies on the heap, without an operation for each
 * array; and a choice between two tensors that copies neither.
 */
import * as tf from '@tensorflow/tfjs-core';
import { registerOperation } from '../operations/operation.js';
import {
  chooseKernel,
  composedSums,
  endOf,
  packKernel,
  type PackAttributes,
  sumsKernel,
  unpackKernel,
} from '../operations/pack.js';
import { nativeOf } from '../wasm/native.js';
import { addressOf, allocate, type BackendWasm, reshaped, views } from './heap.js';
import { wakeFor } from './own.js';

type T = tf.Tensor;

const pack = (arrays: readonly T[], attrs: PackAttributes, backend: BackendWasm): T => {
  const out = allocate(backend, [attrs.rows, attrs.width]);
  const [matrix, ...parts] = views(backend, [out, ...arrays]);
  parts.forEach((part, i) => {
    const start = attrs.starts[i] * attrs.width;
    matrix.set(part, start);
    matrix.fill(0, start + part.length, endOf(attrs, i) * attrs.width);
  });
  return out;
};

const unpack = (x: T, { shapes, starts, width }: PackAttributes, backend: BackendWasm): T[] => {
  const outputs = shapes.map((shape) => allocate(backend, [...shape]));
  const [matrix, ...parts] = views(backend, [x, ...outputs]);
  parts.forEach((part, i) => part.set(matrix.subarray(starts[i] * width, starts[i] * width + part.length)));
  return outputs;
};

/** The number of sums in assembly/reduce.ts. */
const sum = 0;

/** The sum of each array by the kernel of reductions; undefined where that does not run. */
const sums = (x: T, attrs: PackAttributes, backend: BackendWasm): T | undefined => {
  const native = nativeOf(backend);
  if (!native) return undefined;
  const sizes = attrs.starts.map((start, i) => (endOf(attrs, i) - start) * attrs.width);
  const needs = Math.max(1, ...sizes.map((size) => native.exports.reduceNeeds(1, size, 1)));
  const partial = allocate(backend, [needs]);
  const out = allocate(backend, [sizes.length]);
  wakeFor(native, x.size);
  const [from, between, to] = [x, partial, out].map((tensor) => addressOf(backend, tensor));
  attrs.starts.forEach((start, i) => {
    const at = from + 4 * start * attrs.width;
    native.exports.reduce(sum, at, between, to + 4 * i, 1, sizes[i], 1, 1);
  });
  return out;
};

export const registerPack = (): void => {
  registerOperation<Readonly<Record<string, T>>, PackAttributes, BackendWasm>(
    'wasm',
    packKernel,
    (arrays, attrs, backend) => pack(Object.values(arrays), attrs, backend),
  );
  registerOperation<{ x: T }, PackAttributes, BackendWasm>('wasm', unpackKernel, ({ x }, attrs, backend) =>
    unpack(x, attrs, backend),
  );
  registerOperation<{ x: T }, PackAttributes, BackendWasm>(
    'wasm',
    sumsKernel,
    ({ x }, attrs, backend) => sums(x, attrs, backend) ?? composedSums({ x }, attrs),
  );
  registerOperation<Readonly<Record<'flag' | 'yes' | 'no', T>>, object, BackendWasm>(
    'wasm',
    chooseKernel,
    ({ flag, yes, no }, _attrs, backend) => {
      const chosen = views(backend, [flag])[0][0] ? yes : no;
      return reshaped(backend, chosen, chosen.shape);
    },
  );
};
