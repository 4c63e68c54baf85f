/**
 * Kernels of our own in place of stock ones: where ours do not run, or do not take what they are given, the stock one
 * computes.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Native, nativeOf } from '../wasm/native.js';
import { addressOf, type BackendWasm } from './heap.js';
import { register } from './register.js';

/** Where a kernel of our own runs. */
export interface Own {
  readonly native: Native;
  readonly backend: BackendWasm;
}

/** @returns nothing where the stock kernel is to compute */
export type OwnCompute<I, A> = (inputs: I, attrs: A, own: Own) => tf.Tensor | undefined;

/** Whether so many elements take longer than it takes to wake another thread. */
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

/** Float32, and not empty? */
export const isFull = (...tensors: readonly (tf.Tensor | undefined)[]): boolean =>
  tensors.every((x) => x === undefined || (x.dtype === 'float32' && x.size > 0));

/** What our own kernel gives, if it runs and takes what it is given. */
export const computeOwn = <I, A>(
  compute: OwnCompute<I, A>,
  inputs: I,
  attrs: A,
  backend: BackendWasm,
): tf.Tensor | undefined => {
  const native = nativeOf(backend);
  return native && compute(inputs, attrs, { native, backend });
};

/** Registers a kernel of the wasm backend in place of the stock one, which stays for what it returns nothing for. */
export const registerOwn = <I, A = object>(kernelName: string, compute: OwnCompute<I, A>): void => {
  const stock = tf.getKernel(kernelName, 'wasm');
  register<I, A, BackendWasm>(
    'wasm',
    kernelName,
    (inputs, attrs, backend) => {
      const ours = computeOwn(compute, inputs, attrs, backend);
      if (ours) return ours;
      const info = stock.kernelFunc({ inputs: inputs as never, attrs: { ...attrs } as never, backend });
      return tf.engine().makeTensorFromTensorInfo(info as tf.TensorInfo, backend);
    },
    stock.setupFunc,
  );
};
