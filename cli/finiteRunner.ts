/**
 * A runner whose outputs are finite: NaN is no answer, and would be printed as one, or counted as one, often as the right one.
 */
import type { HostArray } from '../lib/data/array.js';
import { isHostArray } from '../lib/data/leaf.js';
import { partsOf } from '../lib/data/nest.js';
import { placeAt, showShape } from '../lib/data/shape.js';
import type { Runner } from '../lib/run/runner.js';
import { Failure } from './failure.js';

/** @throws Failure for floats of which one is NaN or infinite, with the place of the first one */
export const expectFinite = (what: string, { shape, dtype, data }: HostArray): void => {
  if (dtype !== 'float32') return;
  const index = (data as Float32Array).findIndex((value) => !Number.isFinite(value));
  if (index < 0) return;
  throw new Failure(
    `${what} ${showShape(shape)} is ${data[index]} at ${showShape(placeAt(shape, index))}, expected finite numbers: ` +
      'look for numbers that are not finite in the weights and in the inputs',
  );
};

/** The runner; outputs with a number that is NaN or infinite are a failure. */
export const finiteRunner = (runner: Runner): Runner => ({
  ...runner,
  run: async (layer, inputs, options) => {
    const outputs = await runner.run(layer, inputs, options);
    for (const output of partsOf(outputs, isHostArray)) expectFinite("the model's output", output);
    return outputs;
  },
});
