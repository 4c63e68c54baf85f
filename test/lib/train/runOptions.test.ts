/** Runs that cannot go on: options that no run can have, data that gives nothing, updates and figures that are not finite. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../../lib/data/array.js';
import type { Params } from '../../../lib/data/leaf.js';
import { engine } from '../../../lib/engine/index.js';
import { key } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';

interface Batch {
  readonly x: ReturnType<typeof float32>;
}

type Options = train.TrainOptions<Batch, train.OptimizerState>;

const batch: Batch = { x: float32([2], [2, 3]) };
const data: train.Data<Batch> = { at: async () => batch };

/** The mean of w · x, whose gradient is the mean of x, whatever w is. */
const loss: train.Loss<Batch> = ({ params }, { x }) => train.weighted(tf.mul(params.linear.w, x));

const optionsOf = (rate: number, changes: Partial<Options> = {}): Options => {
  const step = train.trainStep(loss, train.sgd(rate) as train.Transformation);
  const params = { linear: { w: float32([1], [1]) } } as unknown as Params;
  return { step, state: step.init({ params }, key(0)), data, key: key(1), numSteps: 2, ...changes };
};

const run = async (rate: number, changes: Partial<Options> = {}): Promise<train.TrainEvent[]> => {
  const events = [];
  for await (const event of train.train(optionsOf(rate, changes))) events.push(event);
  return events;
};

t.before(() => engine());

t.test(
  'an update that makes weights not finite ends the run before they are evaluated, saved or given',
  async (t) => {
    const store = train.memoryStore();
    const evaluate = { every: 1, run: async () => ({ error: 1 }), best: { figure: 'error' } };
    for (const changes of [{}, { evaluate }, { checkpoints: { store, every: 1 } }]) {
      const events = await run(3e38, { numSteps: 1, ...changes });
      t.same(
        events.map(({ kind }) => kind),
        ['started', 'step', 'notFinite', 'ended'],
      );
      t.match(events[2], {
        message:
          "step 1, batch 0: the update made the parameter 'linear/w' not finite, after a loss and a gradient that were: " +
          'take a lower learning rate',
      });
      t.match(events[3], { reason: 'notFinite', step: 1 });
    }
    t.same(await store.list(), []);
    t.match((await run(0.1)).at(-1), { reason: 'done' });
  },
);

t.test('an evaluation whose figure is not finite is never the best, and says so', async (t) => {
  const figures = [NaN, 0.5, -Infinity];
  const evaluate = {
    every: 1,
    run: async () => ({ accuracy: figures.shift() as number, other: 1 }),
    best: { figure: 'accuracy', isLower: true },
  };
  const store = train.memoryStore();
  const events = await run(0.1, { numSteps: 3, evaluate, checkpoints: { store, every: 10 } });
  const evaluated = events.flatMap((event) => (event.kind === 'evaluated' ? [event] : []));
  t.same(
    evaluated.map(({ isBest, best, notes }) => [isBest, best, notes]),
    [
      [false, null, ["'accuracy' is NaN"]],
      [true, { value: 0.5, step: 2 }, undefined],
      [false, { value: 0.5, step: 2 }, ["'accuracy' is -Infinity"]],
    ],
  );
  t.equal(
    train.showEvent(evaluated[0]),
    "step 1, evaluation: accuracy NaN, other 1; not finite: 'accuracy' is NaN",
  );
});

t.test('errors of data, of the step and of evaluations say the step and the batch', async (t) => {
  const gone = new Error('disk gone');
  const failing = (at: () => Promise<unknown>): Partial<Options> => ({
    data: { at: async (n) => (n === 1 ? ((await at()) as Batch) : batch) },
  });
  const thrown = failing(() => Promise.reject(gone));
  await t.rejects(run(0.1, thrown), { message: 'step 2, batch 1: disk gone', cause: gone });
  await t.rejects(
    run(
      0.1,
      failing(async () => undefined),
    ),
    /step 2, batch 1: the data gave undefined, expected a batch/,
  );
  await t.rejects(
    run(
      0.1,
      failing(async () => ({ x: float32([0], []) })),
    ),
    /step 2, batch 1: a batch has no examples/,
  );
  const heldOut = train.inOrder({ length: 3, at: () => ({ x: float32([], [1]) }) }, 2);
  let count = 0;
  const evaluate = {
    every: 2,
    run: train.evaluation({
      data: heldOut,
      run: (_weights, { x }) => x,
      figures: (x) => {
        if (count++ === 1) throw gone;
        return { mean: train.metrics.mean(x) };
      },
    }),
  };
  await t.rejects(run(0.1, { evaluate }), /^step 2, evaluation: batch 1: disk gone/);
});

t.test('options that no run can have are refused at its start', async (t) => {
  const evaluate = { every: 1, run: async () => ({ error: 1 }) };
  const best = { figure: 'error' };
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [{ numSteps: NaN }, /numSteps is NaN, expected a whole number from 0/],
    [{ numSteps: 1.5, ahead: 0 }, /numSteps is 1.5, .*; ahead is 0, expected a whole number from 1/],
    [{ onNotFinite: 'go' }, /onNotFinite is 'go', expected 'stop' or 'skip'/],
    [{ evaluate: { ...evaluate, every: 0 } }, /evaluate.every is 0, expected a whole number from 1/],
    [
      { evaluate: { ...evaluate, best: { ...best, patience: 0 } } },
      /best.patience is 0, expected a whole number/,
    ],
    [
      { evaluate: { ...evaluate, best: { ...best, of: 'ema' } } },
      /of is 'ema', and the state has no moving average/,
    ],
    [
      { checkpoints: { store: train.memoryStore(), every: 0.5 } },
      /checkpoints.every is 0.5, expected a whole/,
    ],
    [{ data: [batch] }, /data is an iterable, expected batches by position: give `streamed\(data\)`/],
    [{ data: (async function* () {})() }, /data is an iterable/],
    [{ data: { length: 3 } }, /data has no function `at`/],
    [{ data: undefined }, /data is undefined, expected batches by position/],
    [{ step: undefined }, /the step is of type undefined, expected one of trainStep/],
    [
      { step: () => 0 },
      /the step is a function, expected one of trainStep, or loopStep\(step, compileStep\(step\)\)/,
    ],
    [{ evaluate: { every: 1 } }, /evaluate.run is of type undefined, expected a function of weights/],
    [{ checkpoints: { every: 1 } }, /checkpoints.store is of type undefined, .*folderStore\('runs\/mine'\)/],
    [
      { checkpoints: { every: 1, store: 'runs/a' } },
      /store is the text 'runs\/a', .*folderStore\('runs\/a'\)/,
    ],
    [{ recipe: { rate: 1n } }, /recipe.rate is a bigint, which JSON cannot hold/],
    [{ recipe: { rates: [1, NaN] } }, /recipe.rates.1 is NaN, which JSON cannot hold/],
    [{ recipe: { f: () => 1 } }, /recipe.f is a function/],
    [{ recipe: { when: new Date(0) } }, /recipe.when is a Date/],
    [{ data: { ...data, settings: { size: Infinity } } }, /settings of the data.size is Infinity/],
  ];
  const before = tf.memory().numTensors;
  for (const [changes, message] of refused) await t.rejects(run(0.1, changes as Partial<Options>), message);
  let isClosed = false;
  const lock = async (): Promise<never> => {
    throw new Error('another run holds the folder');
  };
  const refusing = { store: { ...train.memoryStore(), lock }, every: 1 };
  const close = async (): Promise<void> => void (isClosed = true);
  await t.rejects(run(0.1, { checkpoints: refusing, data: { ...data, close } }), /another run holds/);
  t.ok(isClosed);
  t.equal(tf.memory().numTensors, before, 'the states of refused runs are freed');
  t.throws(() => train.streamed(3 as never), /streamed: found number, expected an iterable of batches/);
});
