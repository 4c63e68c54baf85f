/** Every operation that has a form in ONNX, run by onnxruntime against tfjs. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine, type Scope } from '../../../lib/index.js';
import { exportOnnx, UnsupportedError } from '../../../lib/onnx/index.js';
import type { Params } from '../../../lib/data/leaf.js';
import { cases, outputsOf, tensorsOf, type Case } from '../engine/operations.js';
import { nanCases, values } from '../engine/nanCases.js';
import { difference, started } from './runtime.js';

/** Cases whose kernels ONNX has no form for, or none that is worth one. */
const withoutForm: readonly string[] = [
  ...['spaceToBatchND', 'batchToSpaceND', 'diag'],
  ...['cropAndResize', 'rotateWithOffset'],
  ...['transform', 'localResponseNormalization', 'maxPoolWithArgmax', 'bincount', 'denseBincount'],
  ...['searchSorted', 'multinomial', 'sparseToDense', 'broadcastArgs', 'complex numbers'],
];

const shapesOf = ({ inputs }: Case) => inputs.map(({ shape, dtype }) => ({ shape, dtype }));

const layerOf =
  ({ run }: Case) =>
  (_s: Scope, ...xs: tf.Tensor[]) =>
    outputsOf(run, xs);

const nothing = { params: {} as Params };

t.test('what onnxruntime computes is what tfjs computes', async (t) => {
  await engine({ backend: 'cpu' });
  const refused: string[] = [];
  for (const aCase of cases) {
    try {
      const { run } = await started(exportOnnx(layerOf(aCase), nothing, shapesOf(aCase)));
      const found = Object.values(await run(tensorsOf(aCase)));
      const expected = outputsOf(aCase.run, tensorsOf(aCase));
      const worst = Math.max(...found.map((each, i) => difference(each, expected[i])));
      t.ok(worst < 1e-5, `${aCase.name}: ${worst}`);
    } catch (error) {
      const isKnown = error instanceof UnsupportedError || /complex64 cannot be traced/.test(`${error}`);
      t.ok(isKnown, `${aCase.name}: ${error}`);
      refused.push(aCase.name);
    }
  }
  t.same(refused, withoutForm);
});

/** Kernels of onnxruntime that pass over NaN, or take whichever place they come upon. */
const passOverNaN: readonly string[] = [
  ...['max of rows', 'min of columns', 'max of all', 'argMax of rows', 'argMin of columns', 'topk'],
  ...['maxPool', 'maxPool beyond the edge', 'maxPool3d'],
];

t.test('NaN in onnxruntime is that of NumPy, but for extremes of axes and windows', async (t) => {
  await engine({ backend: 'cpu' });
  const x = tf.tensor2d(values, [4, 4]);
  const others: string[] = [];
  for (const { name, f, expected } of nanCases) {
    const { run } = await started(exportOnnx((_s: Scope, x: tf.Tensor) => [f(x)].flat(), nothing, [x]));
    const found = Object.values(await run([x])).flatMap(({ data }) => [...data]);
    if (!found.every((value, i) => Object.is(value + 0, expected[i] + 0))) others.push(name);
  }
  t.same(others, passOverNaN);
});

t.test('long sums and means keep their digits', async (t) => {
  await engine({ backend: 'cpu' });
  const x = tf.add(0.1, tf.square(tf.sin(tf.range(0, 2 ** 20))));
  const exact = Array.from(x.dataSync()).reduce((sum, value) => sum + value, 0);
  const sums: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
    'of all elements': (x) => tf.sum(x),
    'of the last axes, which stay': (x) => tf.sum(tf.reshape(x, [4, 512, 512]), [1, 2], true),
    'of all rows': (x) => tf.sum(tf.reshape(x, [512, 512, 4]), [0, 1]),
    'of the first axis and the last': (x) => tf.sum(tf.reshape(x, [4, 64, 4096]), [0, 2]),
  };
  for (const [what, sum] of Object.entries(sums)) {
    const shapeOf = sum(x).shape;
    const { run } = await started(
      exportOnnx((_s: Scope, x: tf.Tensor) => [sum(x), tf.mean(x)], nothing, [x]),
    );
    const [{ dims, data }, mean] = Object.values(await run([x]));
    const found = Array.from(data).reduce((all, value) => all + value, 0);
    t.same(dims, shapeOf, what);
    t.ok(Math.abs(found / exact - 1) < 1e-6, `${what}: ${found}, expected ${exact}`);
    t.ok(Math.abs((mean.data[0] * x.size) / exact - 1) < 1e-6, `a mean: ${mean.data[0]}`);
  }
});
