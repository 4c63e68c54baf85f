/** The examples run, learn, and do what their first lines say. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import * as forecaster from '../../docs/examples/forecaster.js';
import * as hierarchical from '../../docs/examples/hierarchical.js';
import * as pointCloud from '../../docs/examples/pointCloud.js';
import * as resampler from '../../docs/examples/resampler.js';
import * as setTransformer from '../../docs/examples/setTransformer.js';
import * as table from '../../docs/examples/table.js';
import * as twoModalities from '../../docs/examples/twoModalities.js';
import { documentModel } from '../../lib/docs/index.js';
import { key } from '../../lib/index.js';
import { relativeError } from '../golden/compare.js';

/** Masked and reordered inputs change the order of sums, and nothing else. */
const rounding = 1e-5;

const distance = (a: tf.Tensor, b: tf.Tensor): number => relativeError(a.dataSync(), b.dataSync());

const models: Readonly<Record<string, { readonly model: object }>> = {
  ...{ forecaster, hierarchical, pointCloud, resampler, setTransformer, table, twoModalities },
};

t.test('every example is under 60 lines, and exports a model that can be documented', async (t) => {
  const files = readdirSync('docs/examples').sort();
  t.same(
    files,
    Object.keys(models).map((name) => `${name}.ts`),
  );
  for (const { model } of Object.values(models)) {
    const { inputs, outputs, views } = documentModel(model as never);
    t.ok(inputs.length > 0 && outputs.length > 0 && views.length > 0);
  }
  for (const file of files) {
    const lines = readFileSync(`docs/examples/${file}`, 'utf8').trimEnd().split('\n');
    t.ok(lines.length < 60, `${file} has ${lines.length} lines`);
  }
});

t.test('the forecaster learns', async (t) => {
  const { losses } = forecaster;
  const last = losses.slice(-10).reduce((sum, loss) => sum + loss / 10, 0);
  t.ok(last < 0.5 * losses[0], `${losses[0]} at first, ${last} at last`);
});

t.test('a resampler gives as many vectors for one frame as for eight, and sees each of them', async (t) => {
  const { apply, params } = resampler;
  const frames = tf.randomNormal([1, 8, 9, 32], 0, 1, 'float32', 1);
  const vectors = apply(params, {}, frames);
  t.same(vectors.shape, [1, 16, 32]);
  t.same(apply(params, {}, tf.slice(frames, [0, 0, 0, 0], [1, 1, 9, 32])).shape, [1, 16, 32]);
  t.ok(distance(apply(params, {}, tf.reverse(frames, 1)), vectors) > 10 * rounding, 'frames have times');
});

t.test('the order of a set does not matter, what is in it does', async (t) => {
  const { apply, numbers, params } = setTransformer;
  const found = apply(params, {}, numbers);
  t.ok(distance(apply(params, {}, tf.reverse(numbers, 1)), found) < rounding);
  t.ok(distance(apply(params, {}, tf.mul(numbers, 1.1)), found) > 100 * rounding);
});

t.test('groups of a hierarchy meet in the end: every part of the sound matters', async (t) => {
  const { apply, params, sound } = hierarchical;
  const logits = apply(params, {}, sound);
  t.same(logits.shape, [2, 4]);
  for (const start of [0, 512, 1008]) {
    const change = tf.pad(tf.ones([2, 16]), [
      [0, 0],
      [start, 1024 - 16 - start],
    ]);
    t.ok(distance(apply(params, {}, tf.add(sound, change)), logits) > 10 * rounding, `from ${start}`);
  }
});

t.test('every trained example learns', async (t) => {
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
