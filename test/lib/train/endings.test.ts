/** The ends of runs: patience, batches and weights that are not finite; and what a step's metrics may be. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { parseCheckpoint } from '../../../lib/checkpoint/index.js';
import { float32, type HostArray } from '../../../lib/data/array.js';
import { flatten, type Tree } from '../../../lib/data/tree.js';
import { engine } from '../../../lib/engine/index.js';
import * as train from '../../../lib/train/index.js';
import { type Batch, bits, data, endOf, eventsOf as run, stepOf } from './run.js';

const valuesOf = (tree: Tree<HostArray>): unknown[] =>
  flatten(tree).map(([path, { data: values }]) => [path, [...(values as Float32Array)]]);

t.before(() => engine({ threads: 2 }));

t.test('of equal evaluations the last is the best, and patience counts from the first', async (t) => {
  const figures = [0.5, 0.8, 0.8, 0.8, 0.9];
  let n = 0;
  const evaluate = {
    every: 1,
    run: async () => ({ accuracy: figures[n++ >> 1] }), // the weights, and their average
    best: { figure: 'accuracy', patience: 2 },
  };
  const events = await run({ evaluate, numSteps: 5 });
  t.match(endOf(events), { reason: 'patience', step: 4 });
  t.match(events[events.length - 2], { kind: 'evaluated', best: { value: 0.8, step: 4 }, isBest: true });
});

t.test(
  'a run ends when no evaluation is better for as long as it is patient, also across a resumption',
  async (t) => {
    const figures = [3, 2, 4, 5, 6, 7];
    const patient = (from: number) => {
      let n = from;
      return {
        every: 2,
        run: async () => ({ error: figures[n++ >> 1] }),
        best: { figure: 'error', isLower: true, patience: 3 },
      };
    };
    const events = await run({ evaluate: patient(0) });
    t.match(endOf(events), { reason: 'patience', step: 10 });
    t.match(events[events.length - 2], { kind: 'evaluated', best: { value: 2, step: 4 }, isBest: false });
    const store = train.memoryStore();
    const checkpoints = { store, every: 2 };
    await run({ evaluate: patient(0), checkpoints }, (event) => event.kind === 'saved' && event.step === 6);
    const best = parseCheckpoint(await store.read('best.safetensors'));
    const { averaged } = endOf(await run({ evaluate: undefined, numSteps: 4 }));
    t.same(
      best._tag === 'Right' && valuesOf(best.right.params),
      valuesOf(averaged!.params),
      'the weights of the best evaluation lie beside the checkpoints',
    );
    const rest = await run({ evaluate: patient(6), checkpoints: { ...checkpoints, resume: true } });
    t.match(endOf(rest), { reason: 'patience', step: 10 });
    const again = await run({ evaluate: patient(6), checkpoints: { ...checkpoints, resume: true } });
    t.match(again, [
      { kind: 'started', step: 10, notes: [/^the run has ended before: its last 3 evaluations/] },
      { kind: 'ended', reason: 'patience', step: 10 },
    ]);
    t.same(bits(endOf(again)), bits(endOf(rest)));
    const short = await run({
      numSteps: 4,
      evaluate: undefined,
      checkpoints: { ...checkpoints, resume: true },
    });
    t.match(short, [
      {
        notes: [
          'nothing is left to do: the checkpoint is after 10 updates, and numSteps is 4; a larger one goes on',
        ],
      },
      { kind: 'ended', reason: 'done', step: 10 },
    ]);
    await t.rejects(
      run({ evaluate: { every: 1, run: (async () => undefined) as never } }),
      /step 1, evaluation: evaluate.run gave nothing, expected figures by name/,
    );
    await t.rejects(
      run({ evaluate: { every: 1, run: (async () => ({ error: '0.5' })) as never } }),
      /step 1, evaluation: evaluate.run gave the figure 'error' as the text '0.5', expected a number/,
    );
    await t.rejects(
      run({ evaluate: { ...patient(0), best: { figure: 'loss' } } }),
      /^step 2, evaluation: the evaluation has no figure 'loss': it has error/,
    );
  },
);

t.test('a batch that is not finite ends the run, or is left out, and is named', async (t) => {
  const broken: train.Data<Batch> = {
    ...data(),
    at: async (n, own) => {
      const batch = await data().at(n, own);
      return n === 2 ? { ...batch, y: float32([4, 1], [0, 0, NaN, 0]) } : batch;
    },
  };
  const events = await run({ data: broken });
  t.match(events[events.length - 2], {
    kind: 'notFinite',
    step: 3,
    batch: 2,
    place: { microBatch: 1, kind: 'batch', path: 'y' },
    message: "step 3, batch 2: 'y' of the batch is the first number that is not finite (micro-batch 1)",
  });
  t.match(endOf(events), { reason: 'notFinite', step: 2 });
  const skipped = await run({ data: broken, onNotFinite: 'skip', numSteps: 4 });
  t.same(
    skipped.flatMap((event) => (event.kind === 'step' ? [event.batch] : [])),
    [0, 1, 3, 4],
  );
  t.match(endOf(skipped), { reason: 'done', step: 4 });
  const hopeless: train.Data<Batch> = {
    ...broken,
    at: async (n, own) => ({ ...(await data().at(n, own)), y: float32([4, 1], [0, 0, NaN, 0]) }),
  };
  const given = await run({ data: hopeless, onNotFinite: 'skip', mostSkipped: 2 });
  t.equal(given.length, 5);
  t.match(given[3], { batch: 2, message: /; the run ends: 2 batches before were left out$/ });
  t.match(endOf(given), { reason: 'notFinite', step: 0 });
});

t.test('misspelt options and tensors in batches are refused by name', async (t) => {
  const loose = train as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;
  const misspelt: readonly (readonly [string, ...unknown[]])[] = [
    ['sgd', 0.1, { momentun: 0.9 }],
    ['adam', 0.1, { beta1: 0.5 }],
    ['adamw', 0.1, { weight_decay: 0.5 }],
    ['lamb', 0.1, { weight_decay: 0.5 }],
    ['lion', 0.1, { b3: 0.5 }],
    ['rmsprop', 0.1, { momentun: 0.5 }],
    ['adafactor', 0.1, { clipping: 1 }],
    ['scaleByLearningRate', 0.1, { flip: false }],
    ['cosineDecaySchedule', { initValue: 1, decay_steps: 3 }],
    ['lora', { of: /w/, rank: 1, aplha: 2 }],
    ['batches', { length: 8, at: () => ({}) }, { batch_size: 2 }],
    ['trainStep', stepOf().parts.loss, train.sgd(1), { microbatches: 4 }],
  ];
  for (const [name, ...given] of misspelt)
    t.throws(() => loose[name](...given), new RegExp(`${name}: found option '`), name);
  const evaluate = { every: 1, run: async () => ({}) };
  await t.rejects(
    run({ evalute: evaluate } as never),
    /train: found option 'evalute'.*did you mean 'evaluate'/,
  );
  await t.rejects(
    run({ evaluate: { ...evaluate, best: { figure: 'a', patient: 2 } as never } }),
    /train: evaluate.best: found option 'patient'.*did you mean 'patience'/,
  );
  const x = tf.ones([4, 3]);
  const tensors: train.Data<Batch> = {
    at: async (n, own) => ({ ...(await data().at(n, own)), x: x as never }),
  };
  await t.rejects(run({ data: tensors }), /step 1, batch 0: the data gave a tensor, 'x' of the batch/);
  x.dispose();
});

t.test('an update that breaks the weights is named as it is met, and is never left out', async (t) => {
  const schedule: train.Schedule = (count) => tf.mul(tf.cast(count, 'float32'), NaN);
  const step = train.trainStep<Batch, train.OptimizerState>(stepOf().parts.loss, train.sgd(schedule));
  const events = await run({ step, onNotFinite: 'skip' });
  t.match(events, [
    { kind: 'started' },
    {
      kind: 'notFinite',
      step: 1,
      batch: 0,
      message: /^step 1, batch 0: the update made the parameter '.*'learningRate' is NaN$/,
    },
    { kind: 'ended', step: 1, reason: 'notFinite' },
  ]);
  const far = train.trainStep<Batch, train.OptimizerState>(stepOf().parts.loss, train.sgd(3e38));
  const late = await run({ step: far, onNotFinite: 'skip', evaluate: undefined });
  t.match(late.slice(-2), [{ kind: 'notFinite', step: 1, batch: 0 }, { reason: 'notFinite' }]);
});

t.test(
  'a metric that is not finite is told of; one under the name of a figure of every step is refused',
  async (t) => {
    const { loss } = stepOf().parts;
    const withMetric = (name: string, weight: number) =>
      train.trainStep<Batch, train.OptimizerState>((weights, batch, how) => {
        const result = loss(weights, batch, how);
        return { ...result, metrics: { [name]: { sum: tf.scalar(0), weight: tf.scalar(weight) } } };
      }, train.sgd(0.01));
    const events = await run({ step: withMetric('mine', 0), numSteps: 1, evaluate: undefined });
    t.match(events[1], { kind: 'step', step: 1, notes: ["'mine' is NaN"] });
    t.match(train.showEvent(events[1]), /left; not finite: 'mine' is NaN$/);
    for (const name of ['loss', 'weight', 'gradientNorm', 'learningRate', 'isFinite'])
      await t.rejects(
        run({ step: withMetric(name, 1) }),
        new RegExp(
          `^step 1, batch 0: trainStep: the loss's metrics have the name ${name}, which is a figure`,
        ),
      );
    const forgetful = train.trainStep<Batch, train.OptimizerState>(
      (weights, batch, how) => ({ ...loss(weights, batch, how), state: undefined }),
      train.sgd(0.01),
    );
    await t.rejects(
      run({ step: forgetful }),
      /the loss gives no state, and the model has some, such as 'batch_norm/,
    );
  },
);

t.test(
  'an evaluation whose outputs are not finite, of weights that are, ends the run as a step does',
  async (t) => {
    const figures = (output: HostArray) => {
      if (!Number.isFinite(Number(output.data[0]))) throw new Error('found NaN');
      return {};
    };
    const evaluate = (factor: number) =>
      train.evaluation({
        data: { ...data(), length: 1 },
        run: (_, { x }: train.OnEngine<Batch>) => tf.mul(tf.log(tf.mul(tf.ones([4]), factor)), tf.mean(x)),
        figures: figures as never,
      });
    const store = train.memoryStore();
    const changes = { numSteps: 2, checkpoints: { store, every: 10 } };
    t.match((await run({ ...changes, evaluate: { every: 2, run: evaluate(-1) } })).slice(-3), [
      {
        kind: 'notFinite',
        step: 2,
        batch: 1,
        message:
          'step 2, evaluation: batch 0: an output of the model is not finite, of weights that are: take a lower learning ' +
          'rate (found NaN)',
      },
      { kind: 'saved', step: 2 },
      { kind: 'ended', step: 2, reason: 'notFinite' },
    ]);
  },
);
