/** Recurrent cores and their unrolling. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import type { Layer } from '../../lib/language/scope.js';
import { transform } from '../../lib/language/transform.js';
import { gru } from '../../modules/gru.js';
import { lstm } from '../../modules/lstm.js';
import { type RecurrentStep, unroll } from '../../modules/recurrent.js';
import { vanillaRnn } from '../../modules/vanillaRnn.js';

await engine();

/** Adds up its inputs. */
const adding: RecurrentStep<tf.Tensor> = (x, state) => {
  const sum = tf.add(state, x);
  return [sum, sum];
};
const [sequence, zero] = [tf.tensor2d([1, 2, 3], [3, 1]), tf.tensor1d([0])];

t.test('a core runs from the first step to the last, or back', async (t) => {
  const [outputs, last] = unroll(adding, sequence, zero);
  t.same([[...outputs.dataSync()], [...last.dataSync()]], [[1, 3, 6], [6]]);
  const [back] = unroll(adding, sequence, zero, { reverse: true });
  t.same([...back.dataSync()], [6, 5, 3]);
});

t.test('all states are stacked along time, wherever time is', async (t) => {
  const [, states] = unroll(adding, sequence, zero, { returnAllStates: true });
  t.same(
    [states.shape, [...states.dataSync()]],
    [
      [3, 1],
      [1, 3, 6],
    ],
  );
  const batch = tf.tensor3d([1, 2, 3, 4, 5, 6], [2, 3, 1]);
  const [outputs, all] = unroll(adding, batch, tf.zeros([2, 1]), {
    isTimeMajor: false,
    returnAllStates: true,
  });
  t.same(
    [outputs.shape, [...all.dataSync()]],
    [
      [2, 3, 1],
      [1, 3, 6, 4, 9, 15],
    ],
  );
});

t.test('a sequence without steps, or without channels, is refused', async (t) => {
  t.throws(() => unroll(adding, tf.zeros([0, 2, 1]), zero), { name: 'ShapeError' });
  t.throws(() => unroll(adding, tf.zeros([3, 1]), zero, { isTimeMajor: false }), {
    message: 'the sequence has shape [3, 1], expected [B, T, C] with a step at least',
  });
});

const step =
  (make: () => ReturnType<typeof gru>): Layer<[x: tf.Tensor, state: tf.Tensor], tf.Tensor> =>
  (s, x, state) =>
    s.declare(make())(x, state)[0];

const filled = (value: number, ...shape: number[]) => ({
  shape,
  dtype: 'float32' as const,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

t.test('a GRU without weights halves its state', async (t) => {
  const params = {
    gru: { w_i: filled(0, 1, 6), w_h: filled(0, 2, 6), b: filled(0, 6) },
  } as unknown as Params;
  const next = transform(step(() => gru({ hiddenSize: 2 }))).apply(
    params,
    {},
    tf.ones([1, 1]),
    tf.ones([1, 2]),
  );
  t.same([...next.dataSync()], [0.5, 0.5]);
});

t.test('a plain network adds up input, state and both biases', async (t) => {
  const linear = { w: filled(2, 1, 1), b: filled(1, 1) };
  const params = { 'vanilla_rnn/linear': linear, 'vanilla_rnn/linear_1': linear } as unknown as Params;
  const model = transform(step(() => vanillaRnn({ hiddenSize: 1 })));
  t.same([...model.apply(params, {}, tf.tensor2d([[3]]), tf.tensor2d([[5]])).dataSync()], [18]);
  t.same([...model.apply(params, {}, tf.tensor2d([[-9]]), tf.tensor2d([[5]])).dataSync()], [0]);
});

t.test('an LSTM forgets by sigmoid(1) and has one linear layer for all steps', async (t) => {
  const net: Layer<[x: tf.Tensor], tf.Tensor> = (s, x) => {
    const core = s.declare(lstm({ hiddenSize: 1 }));
    const state = { hidden: tf.zeros([1, 1]), cell: tf.ones([1, 1]) };
    return unroll(core as RecurrentStep<typeof state>, x, state)[1].cell;
  };
  const specs = outline(net, [{ shape: [4, 1, 2] }]).params;
  t.same(Object.keys(specs), ['lstm/linear']);
  t.same(specs['lstm/linear'].w.shape, [3, 4]);
  const params = { 'lstm/linear': { w: filled(0, 3, 4), b: filled(0, 4) } } as unknown as Params;
  const [cell] = transform(net)
    .apply(params, {}, tf.zeros([2, 1, 2]))
    .dataSync();
  t.ok(Math.abs(cell - (1 / (1 + Math.exp(-1))) ** 2) < 1e-6);
  t.throws(() => lstm({ hiddenSize: 0 }), { name: 'ConfigError' });
});
