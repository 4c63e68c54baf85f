/**
 * A place for kernels of our own in tfjs's registry.
 */
import * as tf from '@tensorflow/tfjs-core';

/** A kernel on tensors: intermediate ones are disposed of, the results must be none of the inputs. */
export type Compute<I, A, B> = (inputs: I, attrs: A, backend: B) => tf.Tensor | readonly tf.Tensor[];

/**
 * Registers a kernel with a backend, in place of the stock one if there is one.
 *
 * tfjs hands kernels the very tensors that operations were called with, so a kernel may call operations on them.
 */
export const register = <I, A = object, B extends tf.KernelBackend = tf.KernelBackend>(
  backendName: string,
  kernelName: string,
  compute: Compute<I, A, B>,
  setup?: (backend: B) => void,
): void => {
  if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    setupFunc: setup as tf.KernelSetupFunc | undefined,
    kernelFunc: ({ inputs, attrs, backend }) =>
      tf.tidy(() => compute(inputs as unknown as I, attrs as unknown as A, backend as B) as tf.Tensor),
  });
};
