import t from 'tap';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../../lib/data/array.js';
import { flatten, paths } from '../../../lib/data/tree.js';
import { parseCheckpoint, showCheckpointError } from '../../../lib/checkpoint/index.js';
import { engine } from '../../../lib/engine/index.js';
import { key } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';
import { nodeBeside } from '../../child.js';
import { bits, data, endOf, eventsOf as run, numSteps, options, stepOf } from './run.js';

/** Figures of events, without times. */
const told = (events: readonly train.TrainEvent[]): unknown[] =>
  events.flatMap((event): unknown[] => {
    if (event.kind === 'step') return [[event.kind, event.step, event.batch, event.metrics]];
    if (event.kind === 'evaluated') return [[event.kind, event.step, event.raw, event.ema, event.best]];
    return [];
  });

const whole = engine({ threads: 2 }).then(() => run());

t.test('a run says what happens, in order, and learns', async (t) => {
  const events = await whole;
  const kinds = events.map(({ kind, step }) => `${kind} ${step}`);
  const steps = Array.from({ length: numSteps }, (_, i) => i + 1);
  t.same(kinds, [
    'started 0',
    ...steps.flatMap((step) => (step % 4 === 0 ? [`step ${step}`, `evaluated ${step}`] : [`step ${step}`])),
    `ended ${numSteps}`,
  ]);
  t.same(
    events.flatMap((event) => (event.kind === 'step' ? [event.batch] : [])),
    steps.map((step) => step - 1),
  );
  const { reason, weights, averaged } = endOf(events);
  t.equal(reason, 'done');
  t.notSame(weights.params, averaged!.params);
  const errors = events.flatMap((event) => (event.kind === 'evaluated' ? [event.raw.error] : []));
  t.ok(errors[errors.length - 1] < errors[0] / 2);
});

t.test('ending early, saving and evaluating leave tensors and bytes where they were', async (t) => {
  await whole;
  const before = tf.memory();
  const checkpoints = { store: train.memoryStore(), every: 3 };
  await run({ checkpoints });
  for (const kind of ['started', 'step', 'evaluated', 'saved'])
    await run(
      { checkpoints: { store: train.memoryStore(), every: 3 } },
      (event) => event.kind === kind && (kind === 'started' || event.step > 2),
    );
  await t.rejects(
    run({
      evaluate: {
        every: 2,
        run: async () => {
          throw new Error('no figures');
        },
      },
    }),
    /no figures/,
  );
  await t.rejects(
    run({ checkpoints }),
    /there is a checkpoint already, step-00000020.safetensors: give 'resume'/,
  );
  t.equal(tf.memory().numTensors, before.numTensors);
  t.equal(tf.memory().numBytes, before.numBytes);
});

t.test('a run that was left and resumed gives the bits of one that was not', async (t) => {
  const expected = await whole;
  const cold = await run({ key: key(9) });
  t.notSame(bits(endOf(cold)), bits(endOf(expected)), 'another order of data gives other bits');
  for (const last of [1, 4, 7, 8, 13, 19]) {
    const store = train.memoryStore();
    const first = await run(
      { checkpoints: { store, every: 3 } },
      (event) => event.kind === 'step' && event.step === last,
    );
    t.equal(first[0].kind, 'started');
    const rest = await run({ checkpoints: { store, every: 3, resume: true }, ahead: 1 });
    t.match(
      rest[0],
      last < 3 ? { step: 0 } : { step: last - 1 - ((last - 1) % 3), from: /^step-/, notes: [] },
    );
    t.same(bits(endOf(rest)), bits(endOf(expected)), `left at step ${last}`);
    const after = rest[0].step;
    t.same(told(rest), told(expected.filter(({ step }) => step > after)), `figures after step ${after}`);
    t.same(await train.checkpointsIn(store), ['step-00000020.safetensors', 'step-00000018.safetensors']);
  }
});

t.test('an aborted run saves itself and goes on', async (t) => {
  const store = train.memoryStore();
  const abort = new AbortController();
  const events = [];
  for await (const event of train.train(
    options({ checkpoints: { store, every: 100 }, signal: abort.signal }),
  )) {
    events.push(event);
    if (event.kind === 'step' && event.step === 5) abort.abort();
  }
  t.match(endOf(events), { reason: 'aborted', step: 5 });
  t.same(await train.checkpointsIn(store), ['step-00000005.safetensors']);
  const rest = await run({ checkpoints: { store, every: 100, resume: true } });
  t.same(bits(endOf(rest)), bits(endOf(await whole)));
});

t.test('a save that is asked for comes after the update, and messages come in between updates', async (t) => {
  const store = train.memoryStore();
  const abort = new AbortController();
  let isAsked = false;
  const saved: number[] = [];
  const checkpoints = {
    store,
    every: 100,
    isAsked: () => {
      const asked = isAsked;
      isAsked = false;
      return asked;
    },
  };
  for await (const event of train.train(options({ checkpoints, signal: abort.signal }))) {
    if (event.kind === 'step') isAsked = event.step === 3;
    if (event.kind === 'step' && event.step === 5) setImmediate(() => abort.abort());
    if (event.kind === 'saved' && event.name !== 'best.safetensors') saved.push(event.step);
  }
  t.equal(saved[0], 3);
  t.ok(saved[1] >= 5 && saved[1] < numSteps, `ended after step ${saved[1]}`);
  const rest = await run({ checkpoints: { store, every: 100, resume: true } });
  t.same(bits(endOf(rest)), bits(endOf(await whole)));
});

const program = fileURLToPath(new URL('./run.js', import.meta.url));

/** Runs the program, to its end or the moment at which it kills itself; the lines that it said. */
const inProcess = async (folder: string, ...moment: string[]): Promise<readonly string[]> => {
  const { stdout, status } = await nodeBeside(folder, {}, program, folder, ...moment);
  if ((status === 0) !== (moment.length === 0)) throw new Error(`the process ended with ${status}`);
  return stdout.trim().split('\n');
};

interface Line {
  readonly kind: string;
  readonly step: number;
  readonly metrics?: unknown;
}

const linesOf = (folder: string): Line[] =>
  readFileSync(join(folder, 'log.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

t.test('killed processes, resumed, give the bits and the log of one that was not', async (t) => {
  const folder = t.testdir({});
  t.same((await inProcess(folder, 'loss', '4')).slice(-1), ['step 1'], 'in a micro-batch of step 2');
  t.same((await inProcess(folder, 'save', '2')).slice(-1), ['step 6'], 'in the second save');
  t.match((await inProcess(folder, 'evaluation', '8'))[0], /^started [36]$/, 'in an evaluation');
  // A line that was cut off counts for nothing.
  writeFileSync(join(folder, 'log.jsonl'), '{"kind":"step","st', { flag: 'a' });
  t.same((await inProcess(folder, 'loss', '18')).length > 5, true, 'in epoch 2');
  t.match((await inProcess(folder))[0], /^started (12|15)$/);
  const [newest] = readdirSync(folder)
    .filter((name) => name.endsWith('.safetensors'))
    .sort()
    .reverse();
  const like = options();
  const read = train.parseTrainCheckpoint(new Uint8Array(readFileSync(join(folder, newest))), like.state);
  if (read._tag === 'Left') throw new Error(train.showTrainCheckpointError(read.left));
  const { state } = read.right;
  const { params } = await train.weightsOf(state);
  const expected = endOf(await whole);
  for (const [path, { data: values }] of flatten(params))
    t.same(values, flatten(expected.weights.params).find(([own]) => own === path)![1].data, path);
  [state, like.state].forEach(train.freeTrainState);
  const steps = linesOf(folder).filter(({ kind }) => kind === 'step');
  t.same(
    steps.map(({ step }) => step),
    Array.from({ length: numSteps }, (_, i) => i + 1),
  );
  const losses = (await whole).flatMap((event) => (event.kind === 'step' ? [event.metrics] : []));
  t.same(
    steps.map(({ metrics }) => metrics),
    losses,
  );
});

t.test('a damaged checkpoint gives way to the older one; none that is whole is an error', async (t) => {
  const store = train.memoryStore();
  await run({ checkpoints: { store, every: 3 }, numSteps: 9 });
  const [newest, older] = await train.checkpointsIn(store);
  const bytes = (await store.read(newest)).slice();
  bytes[bytes.length - 5] ^= 1;
  await store.write(newest, bytes);
  const events = await run({ checkpoints: { store, every: 3, resume: true } });
  t.match(events[0], {
    step: 6,
    from: older,
    notes: [`${newest}: its checksum is not that of its contents; it is kept as ${newest}.damaged`],
  });
  t.same(await store.read(`${newest}.damaged`), bytes);
  t.same(bits(endOf(events)), bits(endOf(await whole)));
  for (const name of await train.checkpointsIn(store)) await store.write(name, bytes.slice(0, 100));
  await t.rejects(
    run({ checkpoints: { store, every: 3, resume: true } }),
    /^no checkpoint is whole, .*: step-00000020/,
  );
  t.same(await train.checkpointsIn(store), []);
  t.equal((await store.list()).filter((name) => name.endsWith('.damaged')).length, 3);
});

t.test('arrays that are missing or of another form are errors by name, all of them', async (t) => {
  const { state, step } = options();
  const record = {
    nextBatch: 3,
    dataKey: key(2),
    isResumable: true,
    best: null,
    sinceBest: 0,
    recipe: null,
    environment: {
      backend: 'wasm',
      kernels: 'stock',
      engine: 'renga',
      threads: 1,
      host: 'here',
      renga: '0.1.0',
    },
  } as const;
  const bytes = await train.formatTrainCheckpoint(state, record);
  const names = [...(await train.arraysOfState(state)).keys()];
  t.ok(names.includes('optimizer/1/0/mu/linear_1/w'));
  t.ok(names.includes('optimizer/1/3/count'));
  t.ok(names.includes('ema/average/batch_norm/scale'));
  t.same(names.slice(-2), ['step', 'key']);
  const plain = train.trainStep(step.parts.loss, train.sgd(0.1, { momentum: 0.9 }));
  const other = plain.init(
    {
      params: {
        ...state.params,
        linear_1: { w: float32([8, 2], new Float32Array(16)) },
      } as unknown as typeof state.params,
      state: state.state,
    },
    key(0),
  );
  const read = train.parseTrainCheckpoint(bytes, other);
  t.equal(read._tag, 'Left');
  const { left } = read as { left: Extract<train.TrainCheckpointError, { kind: 'misfit' }> };
  const message = left.problems.join('\n');
  t.match(
    train.showTrainCheckpointError(left),
    /\nand 18 more\nthe checkpoint does not fit the run: the model is/,
  );
  t.match(message, /'params\/linear_1\/w' is float32 \[8, 1\], expected float32 \[8, 2\]/);
  t.match(message, /'optimizer\/0\/trace\/linear\/w' is missing, expected float32 \[3, 8\]/);
  t.match(message, /'params\/linear_1\/b' is no array of this run/);
  t.match(message, /'ema\/count' is no array of this run/);
  const back = train.parseTrainCheckpoint(bytes, state);
  if (back._tag === 'Left') throw new Error(train.showTrainCheckpointError(back.left));
  t.same(back.right.record, record);
  t.same(
    new Map([...(await train.arraysOfState(back.right.state))].map(([name, array]) => [name, array.data])),
    new Map([...(await train.arraysOfState(state))].map(([name, array]) => [name, array.data])),
  );
  [state, other, back.right.state].forEach(train.freeTrainState);
});

t.test('the file of a run is read as any checkpoint: the model, and the rest beside', async (t) => {
  const store = train.memoryStore();
  const events = await run({ checkpoints: { store, every: 3 }, numSteps: 3 });
  const read = parseCheckpoint(await store.read((await train.checkpointsIn(store))[0]));
  if (read._tag === 'Left') throw new Error(showCheckpointError(read.left));
  const { params, state, rest } = read.right;
  const { weights } = endOf(events);
  t.same(paths(params).toSorted(), paths(weights.params).toSorted());
  t.same(paths(state).toSorted(), paths(weights.state).toSorted());
  t.same(params.linear.w.data, weights.params.linear.w.data);
  t.ok(rest.has('optimizer/1/0/mu/linear/w'));
  t.ok(rest.has('step'));
});

t.test('data that cannot be addressed trains, and goes on only when told to skip', async (t) => {
  let closed = 0;
  const stream = async function* () {
    try {
      for (let n = 0; n < 7; n++) yield await data().at(n, key(2));
    } finally {
      closed += 1;
    }
  };
  const store = train.memoryStore();
  const events = await run({ data: train.streamed(stream()), checkpoints: { store, every: 3 } });
  t.match(endOf(events), { reason: 'endOfData', step: 7 });
  t.same(bits(endOf(events)), bits(endOf(await run({ numSteps: 7 }))));
  const resumed = { data: train.streamed(stream()), checkpoints: { store, every: 3, resume: true } };
  await t.rejects(run(resumed), /cannot be addressed by position.*give 'skipData'/);
  await t.rejects(run({ ...resumed, data: data() }), /cannot be addressed by position/);
  const skipData = { ...resumed.checkpoints, skipData: true };
  const skipped = await run({ data: train.streamed(stream()), checkpoints: skipData });
  t.match(skipped[0], {
    notes: [/^the data cannot be addressed by position: the run took \d+ batches of it before/],
  });
  t.match([skipped[0], endOf(skipped)], [{ step: 7 }, { reason: 'endOfData', step: 14 }]);
  closed = 0;
  await run({ data: train.streamed(stream()), numSteps: 2, evaluate: undefined, ahead: 1 });
  t.equal(closed, 1, 'the stream is closed with the run');
});

t.test('events are lines: for a person, and as JSON', async (t) => {
  const events = await whole;
  const lines = events.map(train.showEvent);
  t.equal(lines[0], 'started');
  t.match(lines[1], /^step 1: loss [\d.]+, gradientNorm [\d.]+, learningRate 0.02; \d+ (s|min) left$/);
  t.match(lines[5], /^step 4, evaluation: error [\d.]+; averaged weights: error [\d.]+; the best so far$/);
  t.equal(lines[lines.length - 1], 'ended after step 20: done');
  t.same(JSON.parse(train.jsonOf(endOf(events))), { kind: 'ended', step: 20, reason: 'done' });
});

t.test('a new run in the place of an old one begins its log anew', async (t) => {
  const folder = join(t.testdir({}), 'run');
  mkdirSync(folder);
  const log = train.jsonLines(join(folder, 'log.jsonl'));
  for (const _ of [1, 2]) {
    await log({ kind: 'started', step: 0, notes: [] });
    await log({ kind: 'saved', step: 3, name: 'a' });
  }
  t.same(
    linesOf(folder).map(({ kind }) => kind),
    ['started', 'saved'],
  );
});

t.test('the numbers of steps and rates are those of the schedule', async (t) => {
  const rates = (await whole).flatMap((event) => (event.kind === 'step' ? [event.metrics.learningRate] : []));
  const expected = train.valuesOf(train.cosineDecaySchedule({ initValue: 0.02, decaySteps: 40 }), [
    ...rates.keys(),
  ]);
  t.same(rates, expected);
  t.ok(stepOf());
});
