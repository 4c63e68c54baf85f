/** Attention captured: the weights of chosen layers, and outputs as they are without. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { capture, engine, key, type Scope, transformWithState } from '../../../lib/index.js';
import { crossAttention, selfAttention } from '../../../modules/index.js';
import { digits } from '../../../presets/index.js';

await engine();

const [q, kv] = [
  tf.randomNormal([2, 6, 8], 0, 1, 'float32', 1),
  tf.randomNormal([2, 12, 8], 0, 1, 'float32', 2),
];
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
  const { output, attention } = capture(model, /./)(params, state, {}, q);
  t.equal(tf.memory().numTensors, before + 1, 'only the output is left');
  t.ok(tf.max(tf.abs(tf.sub(output, plain))).dataSync()[0] < 1e-5);
  t.same(
    attention.map(({ path, weights }) => [path, weights.shape]),
    [
      ['cross_attention/attention', [2, 6, 12]],
      ['self_attention/attention', [2, 6, 6]],
      ['self_attention/attention', [2, 6, 6]],
    ],
  );
  for (const { weights } of attention)
    t.ok(sumsOf(weights, weights.shape[2]).every((sum) => Math.abs(sum - 1) < 1e-5));
  t.notSame(attention[1].weights.data, attention[2].weights.data);
});

t.test('by head, their mean is what is given otherwise; keys lie as the input does', async (t) => {
  const [{ weights: mean }] = capture(model, /cross/)(params, state, {}, q).attention;
  const look = capture(model, /cross/, { byHead: true, grid: [3, 4] });
  const [{ weights: each }] = look(params, state, {}, q).attention;
  t.same(each.shape, [2, 4, 6, 3, 4]);
  const means = tf.tidy(() => tf.mean(tf.tensor(each.data, [2, 4, 6, 12]), 1).dataSync());
  t.ok(means.every((value, i) => Math.abs(value - mean.data[i]) < 1e-6));
});

t.test('many queries, which come in parts, are put together', async (t) => {
  const [long, keys] = [tf.randomNormal([2, 3000, 4]), tf.randomNormal([2, 2000, 4])];
  const cross = transformWithState(crossAttention({ numHeads: 1 }));
  const weights = cross.init(key(2), long, keys);
  const [{ weights: found }] = capture(cross, /./)(weights.params, {}, {}, long, keys).attention;
  t.same(found.shape, [2, 3000, 2000]);
  t.ok(sumsOf(found, 2000).every((sum) => Math.abs(sum - 1) < 1e-4));
  const one = tf.slice(long, [1, 2999, 0], [1, 1, 4]);
  const only = tf.slice(keys, [1, 0, 0], [1, 2000, 4]);
  const [{ weights: last }] = capture(cross, /./)(weights.params, {}, {}, one, only).attention;
  const tail = found.data.subarray(found.data.length - 2000);
  t.ok(
    last.data.every((value, i) => Math.abs(value - tail[i]) < 1e-6),
    'the last query is where it belongs',
  );
});

t.test('of a picture the weights are pictures', async (t) => {
  const preset = digits();
  const weights = preset.init(key(0));
  const look = capture(preset, /perceiver_encoder.*cross_attention/, { grid: [8, 8] });
  const { output, attention } = look(weights.params, weights.state, {}, tf.ones([1, 8, 8, 1]));
  t.same(output.shape, [1, 10]);
  t.same(attention[0].weights.shape, [1, 24, 8, 8]);
});

t.test('a pattern that matches nothing is told what there is', async (t) => {
  t.throws(() => capture(model, /decoder/)(params, state, {}, q), {
    message:
      'no attention layer matches /decoder/; there are cross_attention/attention, self_attention/attention',
  });
});
