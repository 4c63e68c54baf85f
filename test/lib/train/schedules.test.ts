import t from 'tap';
import { engine } from '../../../lib/engine/index.js';
import * as train from '../../../lib/train/index.js';
import { schedules as stored } from './stored.js';

const schedules: Readonly<Record<string, train.Schedule>> = {
  joined: train.joinSchedules(
    [
      train.linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 4 }),
      train.constantSchedule(0.5),
      train.cosineDecaySchedule({ initValue: 0.5, decaySteps: 6 }),
    ],
    [4, 8],
  ),
  staircase: train.exponentialDecay({
    initValue: 0.2,
    transitionSteps: 3,
    decayRate: 0.5,
    transitionBegin: 2,
    isStaircase: true,
    endValue: 0.03,
  }),
  growing: train.exponentialDecay({ initValue: 0.2, transitionSteps: 3, decayRate: 1.5, endValue: 0.5 }),
  'cosine-power': train.cosineDecaySchedule({ initValue: 0.5, decaySteps: 10, alpha: 0.1, exponent: 2 }),
  'warmup-cosine': train.warmupCosineDecaySchedule({
    initValue: 0.01,
    peakValue: 0.4,
    warmupSteps: 3,
    decaySteps: 10,
    endValue: 0.02,
  }),
  'warmup-to-nothing': train.warmupCosineDecaySchedule({
    initValue: 0.1,
    peakValue: 0,
    warmupSteps: 3,
    decaySteps: 10,
  }),
};

t.before(() => engine());

t.test("schedules give optax's values", async (t) => {
  t.same(Object.keys(schedules).sort(), Object.keys(stored).sort());
  for (const [name, values] of Object.entries(stored)) {
    const found = train.valuesOf(schedules[name], [...values.keys()]);
    values.forEach((value, i) =>
      t.ok(Math.abs(found[i] - value) < 1e-6, `${name} at ${i}: ${found[i]}, ${value}`),
    );
  }
});

t.test('the steps of a warm-up and decay include the warm-up', async (t) => {
  const schedule = train.warmupCosineDecaySchedule({
    initValue: 0,
    peakValue: 1,
    warmupSteps: 10,
    decaySteps: 30,
  });
  const [first, last, peak, middle, before, end, after] = train.valuesOf(
    schedule,
    [0, 9, 10, 20, 29, 30, 31],
  );
  t.equal(first, 0);
  t.ok(Math.abs(last - 0.9) < 1e-6);
  t.equal(peak, 1);
  t.ok(Math.abs(middle - 0.5) < 1e-6);
  t.ok(before > 0);
  t.ok(Math.abs(end) < 1e-7);
  t.ok(Math.abs(after) < 1e-7);
});

t.test('a piecewise rate changes at its boundary, not after it', async (t) => {
  const schedule = train.piecewiseConstantSchedule(1, { 3: 0.5, 1: 0.5 });
  t.same(train.valuesOf(schedule, [0, 1, 2, 3, 4]), [1, 0.5, 0.5, 0.25, 0.25]);
});

t.test('boundaries that do not fit are refused', async (t) => {
  const two = [train.constantSchedule(1), train.constantSchedule(2)];
  t.throws(() => train.joinSchedules(two, []), /2 schedules and \[\]/);
  t.throws(() => train.joinSchedules([...two, two[0]], [3, 1]), /in rising order/);
  t.throws(
    () => train.cosineDecaySchedule({ initValue: 1, decaySteps: 0 }),
    /decaySteps is 0, expected a number above 0/,
  );
  const cosine = { initValue: 0, peakValue: 1, warmupSteps: 5, decaySteps: 5 };
  t.throws(
    () => train.warmupCosineDecaySchedule(cosine),
    /decaySteps \(the whole, with 5 of warm-up\) is 5, expected more than the warm-up/,
  );
  t.throws(() => train.joinSchedules(two, [NaN]), /in rising order/);
  t.throws(() => train.constantSchedule(NaN), /constantSchedule: value is NaN, expected a finite number/);
  t.throws(
    () => train.piecewiseConstantSchedule(1, { 3: -1 }),
    /the factor at 3 is -1, expected a number from 0/,
  );
  const decay = { initValue: 1, transitionSteps: 2, decayRate: 0.5 };
  t.throws(() => train.exponentialDecay({ ...decay, transitionSteps: NaN }), /transitionSteps is NaN/);
  t.throws(
    () => train.exponentialDecay({ ...decay, decayRate: -1 }),
    /decayRate is -1, expected a number from 0/,
  );
  const constant = train.exponentialDecay({ ...decay, transitionSteps: 0 });
  t.same(train.valuesOf(constant, [0, 9]), [1, 1], 'as optax has it');
});
