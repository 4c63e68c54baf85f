/** Every layer's outputs and gradients on a backend of graphics processors and on the processor. */
import * as tf from '@tensorflow/tfjs-core';
import { isTensor, type Params, toHost } from '../../lib/data/leaf.js';
import { partsOf } from '../../lib/data/nest.js';
import { type Backend, engine } from '../../lib/engine/index.js';
import { transformWithState } from '../../lib/language/transform.js';
import { valueAndGrad } from '../../lib/language/valueAndGrad.js';
import { key } from '../../lib/random/index.js';
import { descriptors } from '../modules/descriptors.js';

/** The largest difference allowed, relative to the largest number of all outputs and gradients. */
const tolerance = 1e-4;

type Values = readonly ArrayLike<number>[];

/** The loss, state and gradients of a layer in training. */
const computed = async (name: string): Promise<Values> => {
  const { layer, inputs } = descriptors()[name];
  const model = transformWithState(layer);
  const { params, state } = model.init(key(1), ...inputs);
  const step = valueAndGrad((p: Params) => {
    const options = { key: key(3), isTraining: true };
    const { output, state: next } = model.apply(p, state, options, ...inputs);
    const squares = partsOf(output, isTensor).map((part) => tf.mean(tf.square(part)));
    return { loss: tf.addN(squares), aux: next };
  });
  const found = partsOf(step(params), isTensor);
  return Promise.all(found.map(async (tensor) => (await toHost(tensor)).data as Float32Array));
};

const problemOf = (found: Values, expected: Values): string | undefined => {
  // A layer whose last weights begin as zeros gives zeros alone.
  const largest = Math.max(...expected.flatMap((data) => Array.from(data, Math.abs))) || 1;
  const errors = expected.map((data, i) =>
    found[i].length === data.length
      ? Math.max(0, ...Array.from(data, (value, j) => Math.abs(found[i][j] - value)))
      : Infinity,
  );
  const worst = Math.max(...errors) / largest;
  return worst <= tolerance
    ? undefined
    : `array ${errors.indexOf(Math.max(...errors))} is ${worst.toExponential(1)} off`;
};

/** The number of layers, and a line for each that differs. @param names  of layers; all if not given */
export const checkLayers = async (
  backend: Backend,
  names?: readonly string[],
): Promise<{ readonly count: number; readonly failed: readonly string[] }> => {
  await engine({ backend: 'cpu' });
  const chosen = names ?? Object.keys(descriptors());
  const run = async (name: string) => {
    tf.engine().startScope();
    try {
      return await computed(name);
    } finally {
      tf.engine().endScope();
    }
  };
  const expected: Values[] = [];
  for (const name of chosen) expected.push(await run(name));
  await engine({ backend });
  const failed: string[] = [];
  for (const [i, name] of chosen.entries()) {
    const problem = await run(name).then(
      (found) => problemOf(found, expected[i]),
      (error: unknown) => (error as Error).message,
    );
    if (problem !== undefined) failed.push(`${name}: ${problem}`);
  }
  return { count: chosen.length, failed };
};
