/** Going on from checkpoints with other settings, other data, another engine. */
import t from 'tap';
import { engine } from '../../../lib/engine/index.js';
import * as train from '../../../lib/train/index.js';
import { type Batch, examples, options, stepOf } from './run.js';

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

t.test('data of another size is refused with both numbers: its batch n has other examples', async (t) => {
  const store = train.memoryStore();
  await run({ checkpoints: { store, every: 3 }, numSteps: 3 });
  const other = train.batches(examples(28, 1), { batchSize: 2 });
  await t.rejects(run({ data: other, checkpoints: { store, every: 3, resume: true } }), {
    message:
      /data.numExamples: the checkpoint has 26, the run 28\n {2}data.batchSize: the checkpoint has 4, the run 2\n/,
  });
});

t.test('where no checkpoint is, a run that was to go on says that it begins', async (t) => {
  const checkpoints = { store: train.memoryStore(), every: 100, resume: true };
  const [started] = await run({ checkpoints, numSteps: 1 });
  t.match(started, { step: 0, notes: ['no checkpoint is there to go on from: the run begins'] });
});
