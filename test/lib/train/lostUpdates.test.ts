/** Runs that end by an error, or by a number that is not finite, keep their updates: going on gives the bits of one that did not. */
import t from 'tap';
import { float32 } from '../../../lib/data/array.js';
import { engine } from '../../../lib/engine/index.js';
import * as train from '../../../lib/train/index.js';
import { type Batch, bits, data, endOf, eventsOf, options } from './run.js';

type Changes = NonNullable<Parameters<typeof eventsOf>[0]>;

await engine({ threads: 1 });

const numSteps = 6;

/** The data with another batch in a place. */
const spoilt = (place: number, spoil: (batch: Batch) => Batch): train.Data<Batch> => ({
  ...data(),
  at: async (n, own) => (n === place ? spoil(await data().at(n, own)) : data().at(n, own)),
});

/** The events of a run, and its error. */
const ended = async (changes: Changes) => {
  const events: train.TrainEvent[] = [];
  try {
    for await (const event of train.train(options({ numSteps, ...changes }))) events.push(event);
    return { events, message: '' };
  } catch (error) {
    return { events, message: (error as Error).message };
  }
};

const lastOf = (events: readonly train.TrainEvent[]): train.TrainEvent => events[events.length - 1];

const { evaluate } = options();
const whole = bits(endOf(await eventsOf({ numSteps })));
const best = (step: number, events: readonly train.TrainEvent[]) =>
  events.flatMap((event) => (event.kind === 'evaluated' && event.step === step ? [event.best] : []));
const bestAtEnd = best(numSteps, await eventsOf({ numSteps }));

const throwing = (message: string) => (): never => {
  throw new Error(message);
};
const wrongShape = (batch: Batch): Batch => ({ ...batch, x: float32([4, 2], new Float32Array(8)) });
const withNaN = (batch: Batch): Batch => ({ ...batch, y: float32([4, 1], [0, 0, NaN, 0]) });

const kinds: readonly (readonly [kind: string, changes: Changes, saved: number, message: RegExp])[] = [
  [
    'data',
    { data: spoilt(2, throwing('photo.jpg is damaged')) },
    2,
    /^step 3, batch 2: photo.jpg is damaged$/,
  ],
  ['a step', { data: spoilt(3, wrongShape) }, 3, /^step 4, batch 3: /],
  ['an evaluation', { evaluate: { ...evaluate, run: throwing('no') } }, 4, /^step 4, evaluation: no$/],
  [
    'a misspelt figure',
    { evaluate: { ...evaluate, best: { figure: 'eror' } } },
    4,
    /^step 4, evaluation: the evaluation has no figure 'eror': it has error$/,
  ],
  ['a number that is not finite', { data: spoilt(3, withNaN) }, 3, /^$/],
];

for (const [kind, changes, saved, expected] of kinds)
  t.test(`${kind} ends a run, which saves first, and goes on as if nothing had been`, async (t) => {
    const store = train.memoryStore();
    const checkpoints = { store, every: 100 };
    const { events, message } = await ended({ ...changes, checkpoints });
    t.match(message, expected);
    const isEnd = lastOf(events).kind === 'ended';
    t.match(isEnd ? events[events.length - 2] : lastOf(events), { kind: 'saved', step: saved });
    t.equal((await train.checkpointsIn(store)).length, 1);
    const rest = await eventsOf({ numSteps, checkpoints: { ...checkpoints, resume: true } });
    t.same(bits(endOf(rest)), whole);
    t.same(best(numSteps, rest), bestAtEnd);
    const taken = rest.filter((event) => event.kind === 'evaluated').map(({ step }) => step);
    t.same(taken, [4, 6]);
  });

t.test('the evaluation after the last update is taken again, once', async (t) => {
  const store = train.memoryStore();
  const checkpoints = { store, every: 100, resume: true };
  await ended({ numSteps: 3, evaluate: { ...evaluate, run: throwing('no') }, checkpoints });
  const again = await eventsOf({ numSteps: 3, checkpoints });
  t.match(
    again.map(({ kind }) => kind),
    ['started', 'evaluated', 'saved', 'saved', 'ended'],
  );
  t.match(again[0], { notes: ['the evaluation after step 3, which failed, is taken again'] });
  const third = await eventsOf({ numSteps: 3, checkpoints });
  t.match(third[0], { notes: [/^nothing is left to do/] });
});

t.test('an error is told first where saving fails, too; one before any update saves nothing', async (t) => {
  const inner = train.memoryStore();
  const store = { ...inner, write: throwing('the disk is full') };
  const changes = { data: spoilt(1, throwing('photo.jpg is damaged')) };
  const { message } = await ended({ ...changes, checkpoints: { store, every: 100 } });
  t.equal(
    message,
    'step 2, batch 1: photo.jpg is damaged; and the updates since the last checkpoint are lost, which could not be ' +
      'saved: the disk is full',
  );
  await ended({ data: spoilt(0, withNaN), checkpoints: { store: inner, every: 100 } });
  await ended({ data: spoilt(0, throwing('no')), checkpoints: { store: inner, every: 100 } });
  t.same(await inner.list(), []);
  const left = { numSteps, data: spoilt(2, withNaN), checkpoints: { store: inner, every: 100 } };
  await eventsOf(left, ({ kind }) => kind === 'notFinite');
  t.equal((await inner.list()).length, 1, 'saved before the event at which the loop is left');
});
