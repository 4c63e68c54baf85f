import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import { isTensor, type Params, type State } from '../../lib/data/leaf.js';
import { transformWithState } from '../../lib/language/transform.js';
import {
  exponentialMovingAverage,
  type ExponentialMovingAverageOptions,
} from '../../modules/exponentialMovingAverage.js';

await engine();

const noParams = {} as Params;

/** The averages after each of several values. */
const averages = (options: ExponentialMovingAverageOptions, values: number[]): number[] => {
  const model = transformWithState(exponentialMovingAverage(options));
  let state: State = {};
  return values.map((value) => {
    const step = model.apply(noParams, state, {}, tf.scalar(value));
    state = step.state;
    return step.output.dataSync()[0];
  });
};

const near = (test: Pick<typeof t, 'ok'>, found: number[], expected: number[]) =>
  test.ok(
    found.length === expected.length && found.every((x, i) => Math.abs(x - expected[i]) < 1e-5),
    `${found} is near ${expected}`,
  );

t.test('the first value is the first average, later ones weigh in by decay', async (t) => {
  near(t, averages({ decayRate: 0.5 }, [4, 8, 0]), [4, (1 * 4 + 2 * 8) / 3, (1 * 4 + 2 * 8 + 4 * 0) / 7]);
});

t.test('without correction it begins at zero', async (t) => {
  near(t, averages({ decayRate: 0.5, zeroDebias: false }, [4, 8]), [2, 5]);
});

t.test('while it warms up the average is the value', async (t) => {
  near(t, averages({ decayRate: 0.5, zeroDebias: false, warmupLength: 2 }, [4, 8, 0]), [4, 8, 4]);
});

t.test('what is kept has the names and types that Haiku gives', async (t) => {
  const model = transformWithState(exponentialMovingAverage({ decayRate: 0.9 }));
  const { state } = model.apply(noParams, {}, {}, tf.tensor1d([1, 2]));
  const { counter, hidden, average } = state.exponential_moving_average;
  t.ok([counter, hidden, average].every(isTensor));
  t.same([counter.dtype, counter.shape, hidden.shape, average.shape], ['int32', [], [2], [2]]);
});

t.test('an average that nobody made yet is an error', async (t) => {
  const read = transformWithState((s) =>
    s.declare(exponentialMovingAverage({ decayRate: 0.9, name: 'ema' })).average(),
  );
  t.throws(() => read.apply(noParams, {}, {}), { message: /^ema: state 'average' is read before it exists/ });
});

t.test('options that contradict each other are errors', async (t) => {
  t.throws(() => exponentialMovingAverage({ decayRate: 0.9, warmupLength: 1 }), { name: 'RangeError' });
  t.throws(() => exponentialMovingAverage({ decayRate: 1 }), {
    message: 'decayRate is 1, expected a number below 1',
  });
  t.throws(() => exponentialMovingAverage({ decayRate: 2 }), { name: 'ConfigError' });
});
