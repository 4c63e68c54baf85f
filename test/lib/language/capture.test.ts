/** Capturing: intermediates of chosen paths, and outputs as they are without. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import {
  capture,
  engine,
  key,
  module,
  type Scope,
  type Shown,
  transformWithState,
  type Watcher,
} from '../../../lib/index.js';
import { byParts } from '../../../lib/language/combinators/byParts.js';
import { crossAttention, selfAttention } from '../../../modules/index.js';
import { digits } from '../../../presets/index.js';

await engine();

const [q, kv] = [
  tf.randomNormal([2, 6, 8], 0, 1, 'float32', 1),
  tf.randomNormal([2, 12, 8], 0, 1, 'float32', 2),
];
/** The mean of attention weights over the heads. */
const mean = { map: (weights: tf.Tensor) => tf.mean(weights, 1) };

const block = selfAttention({ numHeads: 2 });
const network = (s: Scope, x: tf.Tensor) => {
  const shared = s.declare(block);
  return shared(shared(crossAttention({ numHeads: 4 })(s, x, kv)));
};
const model = transformWithState(network);
const { params, state } = model.init(key(1), q);

/** The sum over the keys of each query. */
const sumsOf = ({ data }: { data: Float32Array }, keys: number): number[] =>
  Array.from({ length: data.length / keys }, (_, i) =>
    data.subarray(i * keys, (i + 1) * keys).reduce((sum, value) => sum + value, 0),
  );

t.test('weights come in the order of the calls, shared layers each time, and sum to one', async (t) => {
  const plain = model.apply(params, state, {}, q).output;
  const before = tf.memory().numTensors;
  const { output, captured } = await capture(model, /./, mean)(params, state, {}, q);
  t.equal(tf.memory().numTensors, before + 1, 'only the output is left');
  t.ok(tf.max(tf.abs(tf.sub(output, plain))).dataSync()[0] < 1e-5);
  t.same(
    captured.map(({ path, name, value }) => [path, name, value.shape]),
    [
      ['cross_attention/attention', 'weights', [2, 6, 12]],
      ['self_attention/attention', 'weights', [2, 6, 6]],
      ['self_attention/attention', 'weights', [2, 6, 6]],
    ],
  );
  for (const { value } of captured)
    t.ok(sumsOf(value, value.shape[2]).every((sum) => Math.abs(sum - 1) < 1e-5));
  t.notSame(captured[1].value.data, captured[2].value.data);
});

t.test('a part is kept as it is, or as a function changes it', async (t) => {
  const [{ value: means }] = (await capture(model, /cross/, mean)(params, state, {}, q)).captured;
  const each = (await capture(model, ['cross_attention/attention/weights'])(params, state, {}, q)).captured[0]
    .value;
  t.same(each.shape, [2, 4, 6, 12]);
  const wanted = tf.tidy(() => tf.mean(tf.tensor(each.data, [2, 4, 6, 12]), 1).dataSync());
  t.ok(wanted.every((value, i) => Math.abs(value - means.data[i]) < 1e-6));
});

t.test('many queries, which come in parts, are put together', async (t) => {
  const [long, keys] = [3000, 2000].map((n) => tf.randomNormal([2, n, 4], 0, 1, 'float32', n));
  const cross = transformWithState(crossAttention({ numHeads: 1 }));
  const weights = cross.init(key(2), long, keys);
  const [{ value: found }] = (await capture(cross, /./, mean)(weights.params, {}, {}, long, keys)).captured;
  t.same(found.shape, [2, 3000, 2000]);
  t.ok(sumsOf(found, 2000).every((sum) => Math.abs(sum - 1) < 1e-4));
  const one = tf.slice(long, [1, 2999, 0], [1, 1, 4]);
  const only = tf.slice(keys, [1, 0, 0], [1, 2000, 4]);
  const [{ value: last }] = (await capture(cross, /./, mean)(weights.params, {}, {}, one, only)).captured;
  const tail = found.data.subarray(found.data.length - 2000);
  t.ok(
    last.data.every((value, i) => Math.abs(value - tail[i]) < 1e-6),
    'the last query is where it belongs',
  );
});

t.test('of a preset, the weights of its encoder', async (t) => {
  const preset = digits();
  const weights = preset.init(key(0));
  const look = capture(preset, /perceiver_encoder.*cross_attention/, mean);
  const { output, captured } = await look(weights.params, weights.state, {}, tf.ones([1, 8, 8, 1]));
  t.same(output.shape, [1, 10]);
  t.same(captured[0].value.shape, [1, 24, 64]);
});

t.test('any layer shows what it names, and only the rows asked for are made', async (t) => {
  let made = 0;
  const shows = (s: Scope, x: tf.Tensor) => {
    s.show('squares', 6, ([start, rows]) => {
      made += rows;
      return tf.square(tf.slice(x, [0, start, 0], [-1, rows, -1]));
    });
    return tf.neg(x);
  };
  const squares = transformWithState(shows);
  squares.apply(params, {}, {}, q).output.dispose();
  t.equal(made, 0, 'free unless asked for');
  const before = tf.memory().numTensors;
  const { output, captured } = await capture(squares, /squares/)(params, {}, {}, q);
  t.equal(tf.memory().numTensors, before + 1, 'only the output is left');
  output.dispose();
  t.same(captured[0].path, '~');
  t.same(captured[0].value.data, tf.square(q).dataSync());
  const see = ({ make }: Shown) => t.same(make([2, 1]).shape, [2, 1, 8]);
  made = 0;
  squares.apply(params, {}, { watch: { of: ['~/squares'], see } }, q).output.dispose();
  t.equal(made, 1);
});

t.test('modules in which nothing is asked for go on part by part', async (t) => {
  const long = tf.ones([1, 3, 2 ** 21]);
  const parts: number[] = [];
  const layer = module('rows', (s) => (x: tf.Tensor) => {
    byParts(s, x, (rows) => (parts.push(rows.shape[1] as number), rows));
    return x;
  });
  const partsWith = (of: Watcher['of']) => {
    parts.length = 0;
    transformWithState(layer)
      .apply(params, {}, { watch: { of, see: () => undefined } }, long)
      .output.dispose();
    return [...parts];
  };
  t.same(partsWith(/elsewhere/), [3], 'an expression may name anything');
  t.same(partsWith(['rows/weights']), [3]);
  t.same(partsWith(['elsewhere/weights']), [2, 1]);
});

t.test('a pattern that matches nothing is told what there is', async (t) => {
  await t.rejects(capture(model, /decoder/)(params, state, {}, q), {
    message:
      'capture: found no intermediate at /decoder/; there are cross_attention/attention/weights, self_attention/attention/weights',
  });
  const plain = transformWithState((_s: Scope, x: tf.Tensor) => tf.neg(x));
  await t.rejects(capture(plain, /./)(params, {}, {}, q), {
    message: 'capture: found no intermediate at /./; none is shown there',
  });
  await t.rejects(capture(model, ['cross_attention/weights'])(params, state, {}, q), {
    message: /^capture: found no intermediate at cross_attention\/weights; none is shown there/,
  });
});
