/**
 * Kernels of our own in tfjs's registry: beside the stock ones, or in place of one that is still called for what ours
 * does not take.
 */
import * as tf from '@tensorflow/tfjs-core';

/** A kernel on tensors: intermediate ones are disposed of, the results must be none of the inputs. */
type Compute<I, A, B> = (inputs: I, attrs: A, backend: B) => tf.Tensor | readonly tf.Tensor[];

/**
 * Runs a kernel and disposes of its intermediate tensors. Most kernels have none, and a scope of tfjs costs as much as a
 * small kernel: so the tensors that the kernel made are found at the end of the scope that is open.
 */
const withoutIntermediates = <R extends tf.Tensor | readonly tf.Tensor[]>(run: () => R): R => {
  const scope = tf.engine().state.activeScope as { readonly track: tf.Tensor[] } | null;
  if (!scope) return tf.tidy(run as () => tf.Tensor) as R;
  const { track } = scope;
  const start = track.length;
  let results: readonly tf.Tensor[] = [];
  try {
    const result = run();
    results = result instanceof tf.Tensor ? [result] : result;
    return result;
  } finally {
    if (track.length > start + results.length)
      track.splice(start).forEach((made) => {
        if (made.kept || results.includes(made)) track.push(made);
        else made.dispose();
      });
  }
};

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
      withoutIntermediates(() =>
        compute(inputs as unknown as I, attrs as unknown as A, backend as B),
      ) as tf.Tensor,
  });
};

/** The kernel that was registered before, on other inputs or with other attributes. */
export type Stock<I, A, R = tf.Tensor> = (inputs: I, attrs: A) => R;

/** Registers a kernel in place of a stock one, which it may call. */
export const replace = <
  I,
  A = object,
  B extends tf.KernelBackend = tf.KernelBackend,
  R extends tf.Tensor | readonly tf.Tensor[] = tf.Tensor,
>(
  backendName: string,
  kernelName: string,
  compute: (inputs: I, attrs: A, backend: B, stock: Stock<I, A, R>) => R,
): void => {
  const before = tf.getKernel(kernelName, backendName);
  register<I, A, B>(
    backendName,
    kernelName,
    (given, attributes, backend) => {
      // What was replaced before gives tensors, which are tracked already.
      const tensorOf = (info: tf.TensorInfo): tf.Tensor =>
        info instanceof tf.Tensor ? info : tf.engine().makeTensorFromTensorInfo(info, backend);
      return compute(given, attributes, backend, (inputs, attrs) => {
        const found = before.kernelFunc({ inputs: inputs as never, attrs: { ...attrs } as never, backend });
        return (Array.isArray(found) ? found.map(tensorOf) : tensorOf(found)) as R;
      });
    },
    before.setupFunc,
  );
};
