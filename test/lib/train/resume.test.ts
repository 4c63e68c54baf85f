/** Going on from checkpoints with other settings, other data, another engine. */
import t from 'tap';
import { engine } from '../../../lib/engine/index.js';
import { key } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';
import { type Batch, bits, endOf, examples, options, stepOf } from './run.js';

type Options = train.TrainOptions<Batch, train.OptimizerState>;

const run = async (changes: Partial<Options>): Promise<train.TrainEvent[]> => {
  const events = [];
  for await (const event of train.train(options(changes))) events.push(event);
  return events;
};

await engine({ threads: 2 });

t.test('another recipe is refused unless it is asked for; another engine is reported', async (t) => {
  const store = train.memoryStore();
  await run({ checkpoints: { store, every: 3 }, numSteps: 3 });
  const again = { checkpoints: { store, every: 3, resume: true }, recipe: { rate: 0.5 } };
  await t.rejects(
    run(again),
    new Error(
      'step-00000003.safetensors is of a run with other settings:\n' +
        '  recipe.rate: the checkpoint has 0.02, the run 0.5\n' +
        "give the same settings, or 'acceptChanges' (--accept-changes) to go on with the new ones",
    ),
  );
  await engine({ threads: 1 });
  const step = Object.assign(stepOf(), { engine: 'onnxruntime 1.30.0' });
  const accepted = { ...again.checkpoints, acceptChanges: true };
  const events = await run({ ...again, step, checkpoints: accepted });
  await engine({ threads: 2 });
  t.match(events[0], {
    step: 3,
    notes: [
      'accepted: recipe.rate: the checkpoint has 0.02, the run 0.5',
      'the checkpoint is of engine renga, and onnxruntime 1.30.0 runs: bits may differ',
      'the checkpoint is of threads 2, and 1 runs: bits may differ',
    ],
  });
  const [newest] = await train.checkpointsIn(store);
  const read = train.parseTrainCheckpoint(await store.read(newest), options().state);
  if (read._tag === 'Left') throw new Error(train.showTrainCheckpointError(read.left));
  t.match(read.right.record, { recipe: { rate: 0.5 }, environment: { engine: 'onnxruntime 1.30.0' } });
  train.freeTrainState(read.right.state);
});

t.test(
  'a run goes on with another number of threads to the same bits, and nothing is said of it',
  async (t) => {
    const store = train.memoryStore();
    const checkpoints = { store, every: 3, resume: true };
    const whole = await run({ numSteps: 6 });
    await run({ checkpoints, numSteps: 3 });
    await engine({ threads: 1 });
    const [started, ...others] = await run({ checkpoints, numSteps: 6 });
    await engine({ threads: 2 });
    t.match(started, { step: 3, notes: [] });
    t.same(bits(endOf(others)), bits(endOf(whole)));
  },
);

t.test('data of another size is refused with both numbers: its batch n has other examples', async (t) => {
  const store = train.memoryStore();
  await run({ checkpoints: { store, every: 3 }, numSteps: 3 });
  const other = train.batches(examples(28, 1), { batchSize: 2 });
  await t.rejects(run({ data: other, checkpoints: { store, every: 3, resume: true } }), {
    message:
      /data.numExamples: the checkpoint has 26, the run 28\n {2}data.batchSize: the checkpoint has 4, the run 2\n/,
  });
  const accepting = { store, every: 3, resume: true, acceptChanges: true };
  for (const [length, place] of [
    [26, 'batch 3, which was after 12 examples and is after 6 now: some come again'],
    [28, 'batch 3, of other data: examples may come again or be left out'],
  ] as const) {
    const changed = train.batches(examples(length, 1), { batchSize: 2 });
    const [started] = await run({ data: changed, checkpoints: accepting, numSteps: 3 });
    t.ok(started.kind === 'started' && started.notes.includes(`the place in the data stays ${place}`));
  }
});

t.test('another step, key or average is refused by its settings; what was accepted is told', async (t) => {
  const store = train.memoryStore();
  await run({ checkpoints: { store, every: 3 }, numSteps: 3 });
  const checkpoints = { store, every: 3, resume: true };
  const { loss, options: of } = stepOf().parts;
  const make = (
    transformation: train.Transformation,
    more: train.TrainStepOptions = {},
  ): train.TrainStep<Batch, train.OptimizerState> =>
    train.trainStep(loss, transformation, { ...of, ...more });
  const lamb = train.chain(
    train.clipByGlobalNorm(1),
    train.lamb(train.cosineDecaySchedule({ initValue: 0.02, decaySteps: 40 })),
  ) as train.Transformation;
  const wrong: readonly (readonly [Partial<Options>, RegExp])[] = [
    [{ key: key(9) }, /key: the checkpoint has "partitionable 0 2", the run "partitionable 0 9"/],
    [
      { step: stepOf(0.5) },
      /step\.transformation\.1\.3\.rate\.cosine\.initValue: the checkpoint has 0\.02, the run 0\.5/,
    ],
    [{ step: make(lamb, { microBatches: 1 }) }, /step\.microBatches: the checkpoint has 2, the run 1/],
    [
      { step: make(lamb, { ema: { decay: 0.9, start: 'copy' } }) },
      /step\.ema\.start: the checkpoint has "zeros", the run/,
    ],
    [
      { step: make(lamb, { freeze: ['linear/b'] }) },
      /step\.freeze: the checkpoint has none, the run \{"linear\/b":"frozen"\}/,
    ],
    [
      { step: make(train.chain(train.adam(0.02)) as train.Transformation) },
      /step\.transformation\.0\.clipByGlobalNorm: /,
    ],
  ];
  for (const [changes, message] of wrong) await t.rejects(run({ ...changes, checkpoints }), message);
  const accepted = { ...checkpoints, acceptChanges: true };
  await t.rejects(
    run({ step: make(lamb, { ema: { decay: 0.5, start: 'zeros' } }), checkpoints: accepted }),
    /has a moving average of decay 0\.9, start 'zeros', which cannot be gone on with as decay 0\.5, start 'zeros'/,
  );
  await t.rejects(
    run({ step: make(train.chain(train.sgd(0.02)) as train.Transformation), checkpoints: accepted }),
    /and \d+ more\nthe checkpoint does not fit the run: the optimizer, or the leaves that train, are others/,
  );
  const [started] = await run({ step: make(lamb), key: key(9), checkpoints: accepted, numSteps: 4 });
  t.same(started.kind === 'started' && started.notes, [
    'accepted: key: the checkpoint has "partitionable 0 2", the run "partitionable 0 9"',
  ]);
});

t.test('the best begins anew where the evaluation is another', async (t) => {
  const store = train.memoryStore();
  let value = 1;
  const evaluate = (settings: unknown) => ({
    every: 1,
    run: async () => ({ error: value }),
    settings,
    best: { figure: 'error', isLower: true },
  });
  const checkpoints = { store, every: 1 };
  await run({ evaluate: evaluate({ files: 'a' }), checkpoints, numSteps: 1 });
  const resume = { ...checkpoints, resume: true };
  value = 5;
  const same = await run({ evaluate: evaluate({ files: 'a' }), checkpoints: resume, numSteps: 2 });
  t.match(same, [{ notes: [] }, {}, { isBest: false, best: { value: 1, step: 1 } }]);
  const other = await run({ evaluate: evaluate({ files: 'b' }), checkpoints: resume, numSteps: 3 });
  t.match(other, [
    { notes: [/^the best begins anew: the one so far, 1 at step 1, is of another evaluation/] },
    {},
    { isBest: true, best: { value: 5, step: 3 } },
  ]);
});

t.test('where no checkpoint is, a run that was to go on says that it begins', async (t) => {
  const checkpoints = { store: train.memoryStore(), every: 100, resume: true };
  const [started] = await run({ checkpoints, numSteps: 1 });
  t.match(started, { step: 0, notes: ['no checkpoint is there to go on from: the run begins'] });
});
