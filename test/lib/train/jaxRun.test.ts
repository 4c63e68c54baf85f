import t from 'tap';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { int32 } from '../../../lib/data/array.js';
import { parseCheckpoint, type PickleValue } from '../../../lib/checkpoint/index.js';
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
  t.equal(tf.memory().numTensors, numTensors);
});
