/** Laws that hold for every exported layer. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { readFileSync } from 'node:fs';
import { toHostSync, isTensor, type Params } from '../../lib/data/leaf.js';
import { engine } from '../../lib/engine/index.js';
import { mapNest, partsOf } from '../../lib/data/nest.js';
import { outline } from '../../lib/language/outline.js';
import { key } from '../../lib/random/index.js';
import { transformWithState } from '../../lib/language/transform.js';
import { flatten, map, paths, unflatten } from '../../lib/data/trees.js';
import { valueAndGrad } from '../../lib/language/valueAndGrad.js';
import { exportOnnx } from '../../lib/onnx/index.js';
import * as modules from '../../modules/index.js';
import { difference, started } from '../lib/onnx/runtime.js';
import { descriptors, noLayers } from './descriptors.js';
import { type PinnedTree, treeOf, treesFile } from './trees.js';

await engine();

const layers = descriptors();
const pinned = JSON.parse(readFileSync(treesFile, 'utf8')) as Readonly<Record<string, PinnedTree>>;

const shapesOf = (nest: unknown): unknown =>
  mapNest(nest, isTensor, ({ shape, dtype }) => ({ shape, dtype }));
const valuesOf = (nest: unknown): unknown[] =>
  partsOf(nest, isTensor).map((tensor) => [...tensor.dataSync()]);

t.test('every exported layer is in the sweep', async (t) => {
  const swept = new Set([...noLayers, ...Object.keys(layers).map((name) => name.split(' ')[0])]);
  for (const [name, value] of Object.entries<unknown>(modules))
    if (typeof value === 'function')
      t.ok(swept.has(name), `${name}: add it to test/modules/descriptors.ts, with inputs that it takes`);
  for (const name of swept) t.ok(name in modules, `${name} is in the sweep, but not exported`);
});

t.test('no pinned tree is left of a layer that is gone', async (t) => {
  t.same(
    Object.keys(pinned).filter((name) => !(name in layers)),
    [],
    'renew the file: npm run trees',
  );
});

for (const [name, descriptor] of Object.entries(layers)) {
  const { layer, inputs } = descriptor;
  const model = transformWithState(layer);

  t.test(`${name}: its tree is the pinned one`, async (t) => {
    t.same(treeOf(descriptor), pinned[name], 'if the change is meant, renew the file: npm run trees');
  });

  t.test(`${name}: the shape-only reading tells what init and apply give`, async (t) => {
    const { params, state } = model.init(key(1), ...inputs);
    const told = outline(layer, inputs);
    t.same(
      map(params, ({ shape }) => shape),
      map(told.params, ({ shape }) => shape),
    );
    t.same(paths(state), paths(told.state));
    const { output } = model.apply(params, state, { key: key(2), isTraining: true }, ...inputs);
    t.same(shapesOf(output), told.outputs);
    tf.dispose(partsOf(output, isTensor));
  });

  t.test(`${name}: same arguments, same result, and nothing left but the result`, async (t) => {
    const { params, state } = model.init(key(1), ...inputs);
    const copy = structuredClone(map(params, ({ data }) => data));
    const run = () => model.apply(params, state, { key: key(2), isTraining: true }, ...inputs);
    const first = run();
    const before = tf.memory().numTensors;
    const second = run();
    t.same(valuesOf(second), valuesOf(first));
    t.ok(
      valuesOf(first)
        .flat()
        .every((value) => Number.isFinite(value)),
    );
    t.equal(tf.memory().numTensors, before + partsOf(second, isTensor).length);
    t.same(
      map(params, ({ data }) => data),
      copy,
      'arguments are untouched',
    );
  });

  t.test(`${name}: every parameter has a gradient, and the loss changes along it as it says`, async (t) => {
    const { params, state } = model.init(key(1), ...inputs);
    const before = tf.memory().numTensors;
    const loss = (p: Params): tf.Scalar => {
      const { output } = model.apply(p, state, { key: key(2), isTraining: true }, ...inputs);
      const squares = partsOf(output, isTensor).map((part) => tf.mean(tf.square(part)));
      return tf.addN(squares) as tf.Scalar;
    };
    const { value, grads } = valueAndGrad(loss)(params);
    t.same(paths(grads), paths(params));
    const slopes = new Map(flatten(map(grads, toHostSync)).map(([path, { data }]) => [path, data]));
    const norm = Math.hypot(...[...slopes.values()].map((slope) => Math.hypot(...(slope as Float32Array))));
    t.ok(Number.isFinite(norm));
    if (descriptor.isStraightThrough) return tf.dispose([value, grads]);
    const [now] = value.dataSync();
    // So far that the loss changes by a hundredth, but no further than the weights are large.
    const step = norm === 0 ? 0 : Math.min((0.005 * Math.abs(now)) / norm, 1e-2);
    const along = (distance: number): number => {
      const moved = flatten(params).map(([path, { shape, dtype, data }]) => {
        const slope = slopes.get(path) as Float32Array;
        const there = (data as Float32Array).map((w, i) => w + (distance / (norm || 1)) * slope[i]);
        return [path, { shape, dtype, data: there }] as const;
      });
      return tf.tidy(() => loss(unflatten(moved) as unknown as Params).dataSync()[0]);
    };
    const [found, expected] = [along(step) - along(-step), 2 * step * norm];
    t.ok(
      Math.abs(found - expected) <= 0.1 * expected + 2e-5 * Math.abs(now),
      `${found}, expected ${expected}`,
    );
    tf.dispose([value, grads]);
    t.ok(tf.memory().numTensors <= before + paths(state).length * 2, 'nothing else is left');
  });

  t.test(`${name}: onnxruntime computes what apply does, or the export is refused by name`, async (t) => {
    const { params, state } = model.init(key(1), ...inputs);
    const specs = inputs.map(({ shape, dtype }) => ({ shape, dtype }));
    const exported = () => exportOnnx(layer, { params, state }, specs as never);
    if (descriptor.refused) {
      t.throws(exported, { message: descriptor.refused });
      return;
    }
    const { output } = model.apply(params, state, { key: key(2) }, ...inputs);
    const expected = partsOf(output, isTensor);
    const found = Object.values(await (await started(exported())).run(inputs));
    t.equal(found.length, expected.length);
    expected.forEach((tensor, i) => t.ok(difference(found[i], tensor) < 1e-4));
    tf.dispose(expected);
  });
}
