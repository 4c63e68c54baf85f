/** The operations that layers use, forward and backward, on a backend of graphics processors and on the processor. */
import * as tf from '@tensorflow/tfjs-core';
import { toHost } from '../../lib/data/leaf.js';
import { type Backend, engine, gradients } from '../../lib/engine/index.js';
import { relativeError } from '../golden/compare.js';
import { type Case, cases, outputsOf, tensorsOf } from '../lib/engine/operations.js';

/** The largest difference allowed, relative to one more than the largest number. */
const tolerance = 1e-4;

interface Host {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** A weighted sum of all outputs, with weights that differ from element to element. */
const lossOf = (outputs: readonly tf.Tensor[]): tf.Tensor =>
  tf.addN(
    outputs.map((y) => {
      const weights = Float32Array.from({ length: y.size }, (_, i) => 0.5 + ((i * 5) % 7) / 7);
      return tf.sum(tf.mul(tf.reshape(y, [-1]), tf.tensor1d(weights)));
    }),
  );

/** Outputs, and gradients where the case has them. */
const computed = async ({ run, isDifferentiable, ...aCase }: Case): Promise<readonly Host[]> => {
  const inputs = (): tf.Tensor[] => tensorsOf({ run, isDifferentiable, ...aCase });
  tf.engine().startScope();
  try {
    const outputs = outputsOf(run, inputs());
    const { grads } = isDifferentiable
      ? gradients((xs) => lossOf(outputsOf(run, xs)), inputs())
      : { grads: [] };
    return (await Promise.all([...outputs, ...grads].map(toHost))) as readonly Host[];
  } finally {
    tf.engine().endScope();
  }
};

const problemOf = (found: readonly Host[], expected: readonly Host[]): string | undefined => {
  const errors = expected.map(({ shape, data }, i) =>
    String(found[i].shape) === String(shape) ? relativeError(found[i].data, data) : Infinity,
  );
  const worst = Math.max(0, ...errors);
  return worst <= tolerance ? undefined : `array ${errors.indexOf(worst)} is ${worst.toExponential(1)} off`;
};

/**
 * The number of cases, and a line for each that fails.
 * @param names  beginnings of the names of cases; all if not given
 */
export const checkOperations = async (
  backend: Backend,
  names: readonly string[] = [''],
): Promise<{ readonly count: number; readonly failed: readonly string[] }> => {
  await engine({ backend: 'cpu' });
  const expected: (readonly Host[])[] = [];
  const chosen = cases.filter(({ name }) => names.some((start) => name.startsWith(start)));
  for (const aCase of chosen) expected.push(await computed(aCase));
  await engine({ backend });
  const failed: string[] = [];
  for (const [i, aCase] of chosen.entries()) {
    const problem = await computed(aCase).then(
      (found) => problemOf(found, expected[i]),
      (error: unknown) => (error as Error).message,
    );
    if (problem !== undefined) failed.push(`${aCase.name}: ${problem}`);
  }
  return { count: chosen.length, failed };
};
