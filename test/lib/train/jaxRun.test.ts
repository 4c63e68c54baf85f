import t from 'tap';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { type HostArray, int32 } from '../../../lib/data/array.js';
import {
  formatCheckpoint,
  parseCheckpoint,
  type PickleDict,
  type PickleSequence,
  type PickleValue,
} from '../../../lib/checkpoint/index.js';
import { engine } from '../../../lib/engine/index.js';
import * as train from '../../../lib/train/index.js';
import { batchOf, exportedSteps } from './exportedSteps.js';

/** States that JAX trained by exported steps for three updates: see test/data/exportedStates.py. */
const stored = JSON.parse(readFileSync('test/data/exportedStates.json', 'utf8')) as Readonly<
  Record<string, { readonly pickle: string; readonly losses: readonly number[] }>
>;

const rightOf = <A>(result: E.Either<unknown, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

const saved = (name: string) => rightOf(parseCheckpoint(Buffer.from(stored[name].pickle, 'base64')));

t.before(() => engine());

t.test(
  'the whole state of an exported step comes back, and training goes on with the losses of JAX',
  async (t) => {
    t.same(Object.keys(stored).sort(), Object.keys(exportedSteps).sort());
    for (const [name, step] of Object.entries(exportedSteps)) {
      const { numTensors } = tf.memory();
      const begun = rightOf(train.fromJax(saved(name), step));
      t.equal(train.stepOf(begun), 3);
      t.equal(begun.ema !== undefined, step.parts.options.ema !== undefined);
      const { state, metrics } = step(begun, batchOf(3));
      const { loss } = await train.readMetrics(metrics);
      const expected = stored[name].losses[3];
      t.ok(Math.abs(loss - expected) < 1e-6 * expected, `${name}: ${loss}, in JAX ${expected}`);
      train.freeTrainState(state);
      t.equal(tf.memory().numTensors, numTensors, `${name} leaves no tensor behind`);
    }
  },
);

/** A pickle's value with the numbers of arrays as lists, whatever wrote it. */
const plainOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if ('dtype' in value) {
    const { shape, dtype, data } = value as HostArray;
    return { shape, dtype, numbers: [...data] };
  }
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, each]) => [String(name), plainOf(each)]));
  const { kind, entries, items } = value as Partial<
    Pick<PickleDict, 'entries'> & Pick<PickleSequence, 'items' | 'kind'>
  >;
  if (kind === undefined)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainOf(each)]));
  return entries ? { kind, parts: plainOf(entries) } : { kind, parts: items?.map(plainOf) };
};

t.test('a state goes to an exported step as the very tree that JAX has of it', async (t) => {
  for (const [name, step] of Object.entries(exportedSteps)) {
    const state = rightOf(train.fromJax(saved(name), step));
    const pickle = rightOf(
      formatCheckpoint(await train.toJax(state, { form: 'step' }), { format: 'pickle' }),
    );
    const [found, own] = [rightOf(parseCheckpoint(pickle)), saved(name)];
    t.same(plainOf(found.rest), plainOf(own.rest), name);
    t.same(plainOf(found.params), plainOf(own.params), name);
    t.same(plainOf(found.state), plainOf(own.state), name);
    train.freeTrainState(state);
  }
  const state = rightOf(train.fromJax(saved('masked'), exportedSteps.masked));
  await t.rejects(train.toJax(state, { form: 'step', step: 'count' }), /found option 'step'/);
  await t.rejects(
    train.toJax(state, { form: 'haiku' as never }),
    /form is 'haiku', expected 'optax' or 'step'/,
  );
  train.freeTrainState(state);
});

t.test('parts of an exported step that are missing or of another form are all named', async (t) => {
  const { numTensors } = tf.memory();
  const problemsOf = (
    name: string,
    other: string,
    parts: Readonly<Record<string, PickleValue>> = {},
  ): string => {
    const { rest, ...weights } = saved(name);
    const file = { ...weights, rest: new Map([...rest, ...Object.entries(parts)]) };
    const read = train.fromJax(file, exportedSteps[other]);
    return E.isLeft(read) ? read.left.join('\n') : 'nothing is wrong';
  };
  t.match(
    problemsOf('masked', 'adamw'),
    /optimizer\[0\]: found a dict, expected a dict of no fields; it has innerState\noptimizer\[1\]: /,
  );
  t.match(problemsOf('labelled', 'adamw'), /optimizer: found a dict, expected a tuple of 2 states/);
  t.match(problemsOf('adafactor', 'masked'), /optimizer: found a list, expected a tuple of 2 states/);
  t.match(
    problemsOf('adamw', 'adamw', { step: int32([], [7]) as never }),
    /counts of updates do not agree: optimizer\[1\]\[0\].count is 3, the file is after 7 updates/,
  );
  t.match(
    problemsOf('adamw', 'unfrozen'),
    /^optimizer\[1\]\[0\]\.mu\.linear_1\/b: found nothing, expected an array \[1\]/,
  );
  t.match(
    problemsOf('unfrozen', 'adamw'),
    /^optimizer\[1\]\[0\]\.mu\.linear_1\/b: found float32 \[1\], expected nothing, because the step does not train this leaf/,
  );
  t.equal(tf.memory().numTensors, numTensors);
});
