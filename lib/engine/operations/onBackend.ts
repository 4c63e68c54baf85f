/** Running a program on another backend than the one that runs. */
import * as tf from '@tensorflow/tfjs-core';

/** The fields in which tfjs keeps the backend that it runs on; the last two are private in its types. */
interface Selection {
  backendName: string | null;
  backendInstance: tf.KernelBackend | null;
  pendingBackendInit: Promise<boolean> | null | undefined;
}

/** Runs a synchronous program on a backend that was made before; also before any other was chosen, and nested. */
export const onBackend = <A>(backendName: string, backendInstance: tf.KernelBackend, run: () => A): A => {
  // tfjs's own setBackend sets every kernel of the backend up again and cannot go back to "none yet".
  const selection = tf.engine() as unknown as Selection;
  const { backendName: name, backendInstance: instance, pendingBackendInit } = selection;
  Object.assign(selection, { backendName, backendInstance, pendingBackendInit: null });
  try {
    return run();
  } finally {
    Object.assign(selection, { backendName: name, backendInstance: instance, pendingBackendInit });
  }
};

/**
 * Runs a synchronous program whose results are read at once: on the processor where the backend that runs is WebGPU, whose
 * results have to be awaited, and on the backend that runs elsewhere.
 */
export const readAtOnce = <A>(run: () => A): A =>
  tf.getBackend() === 'webgpu' ? onBackend('cpu', tf.findBackend('cpu'), run) : run();
