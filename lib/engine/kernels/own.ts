/**
 * Kernels of our own in WebAssembly. Where they do not run, or do not take their inputs, the stock kernel computes, or an
 * operation of our own is composed: that is decided here, for all of them.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Native, nativeOf } from '../wasm/native.js';
import { addressOf, type BackendWasm } from './heap.js';
import { type Named, type Operation, registerOperation, type Some } from '../operations/operation.js';
import { replace } from './register.js';

/** The module and the backend that a kernel of our own runs on. */
export interface Own {
  readonly native: Native;
  readonly backend: BackendWasm;
}

/** @returns undefined where the stock kernel or the composed form is to compute */
export type OwnCompute<I, A, O = tf.Tensor> = (inputs: I, attrs: A, own: Own) => O | undefined;

/** True for numbers of elements that take longer than to wake another thread. */
export const isWorthThreads = (elements: number): boolean => elements > 2 ** 15;

/** Wakes the threads where there is work for them. */
export const wakeFor = ({ pool }: Native, elements: number): void => {
  if (isWorthThreads(elements)) pool.wake();
};

/** Addresses of tensors; 0 for one that is not given. */
export const addressesOf = (
  backend: BackendWasm,
  tensors: readonly (tf.TensorInfo | undefined)[],
): readonly number[] => tensors.map((x) => (x ? addressOf(backend, x) : 0));

/** True for tensors of float32 with elements; those that are not given do not count. */
export const isFull = (...tensors: readonly (tf.Tensor | undefined)[]): boolean =>
  tensors.every((x) => x === undefined || (x.dtype === 'float32' && x.size > 0));

/** The result of a kernel of our own; undefined where none runs or it does not take the inputs. */
export const computeOwn = <O>(backend: BackendWasm, compute: (own: Own) => O | undefined): O | undefined => {
  const native = nativeOf(backend);
  return native && compute({ native, backend });
};

/** Registers a kernel of the wasm backend; the stock one computes where this one gives undefined. */
export const registerOwn = <I, A = object>(kernelName: string, compute: OwnCompute<I, A>): void =>
  replace<I, A, BackendWasm>(
    'wasm',
    kernelName,
    (inputs, attrs, backend, stock) =>
      computeOwn(backend, (own) => compute(inputs, attrs, own)) ?? stock(inputs, attrs),
  );

/** Registers a kernel of the wasm backend for an operation, which is composed where the kernel gives undefined. */
export const registerOwnOperation = <I extends Named<I>, A extends object, O extends Some>(
  { kernelName, compose }: Operation<I, A, O>,
  compute: OwnCompute<I, A, O>,
): void =>
  registerOperation<I, A, BackendWasm>(
    'wasm',
    kernelName,
    (inputs, attrs, backend) =>
      computeOwn(backend, (own) => compute(inputs, attrs, own)) ?? compose(inputs, attrs),
  );
