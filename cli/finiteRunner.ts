/**
 * A runner whose outputs are finite: NaN is no answer, and would be printed as one, or counted as one, often as the right one.
 */
import { partsOf } from '../lib/data/nest.js';
import { placeAt, showShape } from '../lib/data/shape.js';
import { isHost, type Runner } from '../lib/run/runner.js';
import { Failure } from './failure.js';

/** The runner; outputs with a number that is NaN or infinite are a failure that says the place of the first one. */
export const finiteRunner = (runner: Runner): Runner => ({
  ...runner,
  run: async (layer, inputs, options) => {
    const outputs = await runner.run(layer, inputs, options);
    for (const { shape, dtype, data } of partsOf(outputs, isHost)) {
      if (dtype !== 'float32') continue;
      const index = (data as Float32Array).findIndex((value) => !Number.isFinite(value));
      if (index < 0) continue;
      throw new Failure(
        `the model's output ${showShape(shape)} is ${data[index]} at ${showShape(placeAt(shape, index))}, expected finite numbers: ` +
          'look for numbers that are not finite in the weights and in the inputs',
      );
    }
    return outputs;
  },
});
