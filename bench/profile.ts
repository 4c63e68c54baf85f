/** The time of a program of tfjs operations by kernel, without that of the kernels a kernel calls. */
import type * as tf from '@tensorflow/tfjs-core';

type Tfjs = typeof tf;

export interface KernelTime {
  readonly kernel: string;
  readonly calls: number;
  readonly seconds: number;
}

/** Wraps every kernel of the backend, for good: meant for a process that ends soon. */
const wrapKernels = (tfjs: Tfjs, settle: () => void): (() => readonly KernelTime[]) => {
  const times = new Map<string, { calls: number; seconds: number }>();
  /** Time that kernels inside of the running ones took. */
  const inside: number[] = [0];
  const timed =
    ({ kernelName, kernelFunc }: tf.KernelConfig): tf.KernelFunc =>
    (given) => {
      const time = times.get(kernelName) ?? { calls: 0, seconds: 0 };
      times.set(kernelName, time);
      inside.push(0);
      const start = performance.now();
      try {
        const result = kernelFunc(given);
        settle();
        return result;
      } finally {
        const whole = (performance.now() - start) / 1000;
        time.calls += 1;
        time.seconds += whole - (inside.pop() ?? 0);
        inside[inside.length - 1] += whole;
      }
    };
  const backend = tfjs.getBackend();
  for (const config of tfjs.getKernelsForBackend(backend)) {
    tfjs.unregisterKernel(config.kernelName, backend);
    tfjs.registerKernel({ ...config, kernelFunc: timed(config) });
  }
  return () => [...times].map(([kernel, time]) => ({ kernel, ...time }));
};

/** The time of tfjs itself and of the program's own JavaScript. */
const rest = 'outside of kernels';

/**
 * The longest first.
 * @param settle waits until a kernel is done, for engines whose kernels return before
 */
export const profile = (
  tfjs: Tfjs,
  run: () => void,
  settle: () => void = () => undefined,
): readonly KernelTime[] => {
  const times = wrapKernels(tfjs, settle);
  const start = performance.now();
  run();
  const whole = (performance.now() - start) / 1000;
  const kernels = times();
  const seconds = whole - kernels.reduce((sum, kernel) => sum + kernel.seconds, 0);
  return [...kernels, { kernel: rest, calls: 1, seconds }].sort((a, b) => b.seconds - a.seconds);
};
