/**
 * Haiku's names, first values and outputs for its own programs of scoping and sharing: `scoping.json`, `sharing.json` and
 * `names.npz` were written by dm-haiku 0.0.17. Programs run in init, and in apply while a gradient is recorded.
 */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { engine, type Params, transformWithState, tree, valueAndGrad } from '../../../lib/index.js';
import { toTensor } from '../../../lib/data/leaf.js';
import { keyOf, readArrays } from '../../golden/case.js';
import { lacking, programs, type Sizes } from './haiku/programs.js';

await engine();

interface Expected {
  readonly program: string;
  readonly error?: string;
  readonly params: Readonly<Record<string, readonly number[]>>;
  readonly first: Readonly<Record<string, number>>;
  readonly state: Readonly<Record<string, readonly number[]>>;
  readonly out_shape: readonly number[];
  readonly out_sum: number;
  readonly out_abs_sum: number;
}

interface File extends Sizes {
  readonly programs: Readonly<Record<string, Expected>>;
}

const folder = 'test/lib/language/haiku';
const arrays = readArrays(`${folder}/names.npz`);
const [x, initKey] = [toTensor(arrays.get('x')!), keyOf(arrays.get('init_key')!)];

const sorted = (shapes: Readonly<Record<string, readonly number[]>>) =>
  Object.fromEntries(Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1)));

const shapesOf = (leaves: tree.Tree<{ readonly shape: readonly number[] }>) =>
  sorted(Object.fromEntries(tree.flatten(leaves).map(([path, { shape }]) => [path, [...shape]])));

const near = (found: number, wanted: number): boolean =>
  Math.abs(found - wanted) <= 2e-4 * (1 + Math.abs(wanted));

for (const name of ['scoping', 'sharing']) {
  const file = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as File;
  const own = programs(file);
  for (const [title, expected] of Object.entries(file.programs)) {
    if (Object.hasOwn(lacking, title)) continue;
    t.test(`${title}: ${expected.program}`, async (t) => {
      const model = transformWithState(own[title]);
      if (expected.error) {
        t.throws(() => model.init(initKey, x));
        return;
      }
      const { params, state } = model.init(initKey, x);
      t.same(shapesOf(params), sorted(expected.params));
      t.same(shapesOf(state), sorted(expected.state));
      for (const [path, first] of Object.entries(expected.first)) {
        const found = Number(tree.at(params, path)?.data[0]);
        t.ok(near(found, first), `${path}: found ${found}, expected ${first}`);
      }
      const isTraining = Object.keys(state).length > 0;
      const { aux, grads } = valueAndGrad((p: Params) => {
        const { output } = model.apply(p, state, { isTraining }, x);
        return { loss: tf.sum(output), aux: output };
      })(params);
      const [total, absolute] = [tf.sum(aux), tf.sum(tf.abs(aux))].map((each) => each.dataSync()[0]);
      t.same(aux.shape, expected.out_shape);
      t.ok(near(total, expected.out_sum), `sum: found ${total}, expected ${expected.out_sum}`);
      t.ok(near(absolute, expected.out_abs_sum), `found ${absolute}, expected ${expected.out_abs_sum}`);
      t.same(tree.paths(grads).length, tree.paths(params).length);
    });
  }
}

t.test('every program is transcribed, or its reason is named', async (t) => {
  const all = ['scoping', 'sharing'].flatMap((name) => {
    const file = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as File;
    return Object.keys(file.programs);
  });
  const known = [...Object.keys(lacking), ...Object.keys(programs({ channels: 6, c: 3 }))];
  t.same(all.sort(), known.sort());
  t.equal(Object.keys(lacking).length, 12);
});
