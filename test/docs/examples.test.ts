/** The examples run, learn, and do what their first lines say. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import * as pointCloud from '../../docs/examples/pointCloud.js';
import * as table from '../../docs/examples/table.js';
import * as twoModalities from '../../docs/examples/twoModalities.js';
import { key } from '../../lib/index.js';
import { relativeError } from '../golden/compare.js';

/** Masked and reordered inputs change the order of sums, and nothing else. */
const rounding = 1e-5;

const distance = (a: tf.Tensor, b: tf.Tensor): number => relativeError(a.dataSync(), b.dataSync());

t.test('every example is under 40 lines', async (t) => {
  const files = readdirSync('docs/examples').sort();
  t.same(files, ['pointCloud.ts', 'table.ts', 'twoModalities.ts']);
  for (const file of files) {
    const lines = readFileSync(`docs/examples/${file}`, 'utf8').trimEnd().split('\n');
    t.ok(lines.length < 40, `${file} has ${lines.length} lines`);
  }
});

t.test('every example learns', async (t) => {
  const valueOf = (loss: tf.Tensor): number => loss.dataSync()[0];
  const { init: initClouds, clouds } = pointCloud;
  t.ok(
    valueOf(pointCloud.loss(pointCloud.params)) < 0.7 * valueOf(pointCloud.loss(initClouds(key(42), clouds))),
  );
  const { init: initBoth, note, sensor, mask } = twoModalities;
  const before = twoModalities.loss(initBoth(key(42), note, sensor, mask));
  t.ok(valueOf(twoModalities.loss(twoModalities.params)) < 0.7 * valueOf(before));
  const untrained = table.init(key(42), table.numbers, table.kinds, table.mask);
  t.ok(valueOf(table.loss(table.params)) < 0.7 * valueOf(table.loss(untrained)));
});

t.test('the order of the points does not matter, their places do', async (t) => {
  const { apply, clouds, params } = pointCloud;
  const logits = apply(params, {}, clouds);
  t.same(logits.shape, [8, 2]);
  t.ok(distance(apply(params, {}, tf.reverse(clouds, 1)), logits) < rounding);
  t.ok(distance(apply(params, {}, tf.mul(clouds, 0.9)), logits) > 100 * rounding);
});

t.test('what is in the place of a missing modality does not matter, what is there does', async (t) => {
  const { apply, mask, note, params, sensor } = twoModalities;
  const estimates = apply(params, {}, note, sensor, mask);
  t.same(estimates.shape, [4, 1]);
  const withoutReadings = tf.tensor2d([0, 0, 0, 1], [4, 1]);
  const other = tf.add(sensor, tf.mul(withoutReadings, 5));
  t.ok(distance(apply(params, {}, note, other, mask), estimates) < rounding);
  const everywhere = apply(params, {}, note, tf.add(sensor, 5), mask);
  t.ok(distance(everywhere, estimates) > 100 * rounding);
});

t.test('what is in a missing cell does not matter, what is there does', async (t) => {
  const { apply, kinds, mask, numbers, params } = table;
  const logits = apply(params, {}, numbers, kinds, mask);
  t.same(logits.shape, [8, 1]);
  const isMissing = tf.sub(1, tf.cast(tf.slice(mask, [0, 0], [8, 3]), 'float32'));
  t.ok(tf.sum(isMissing).dataSync()[0] > 0, 'cells are missing');
  const other = tf.add(numbers, tf.mul(isMissing, 7));
  t.ok(distance(apply(params, {}, other, kinds, mask), logits) < rounding);
  t.ok(distance(apply(params, {}, tf.add(numbers, 7), kinds, mask), logits) > 100 * rounding);
});
