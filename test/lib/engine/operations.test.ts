/**
 * Every operation of the table, forward and backward: the wasm backend agrees with the cpu backend, and gradients
 * with finite differences.
 */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine, gradients, tidy } from '../../../lib/engine/index.js';
import { cases, outputsOf, tensorsOf, type Case } from './operations.js';

const tolerance = { forward: 2e-6, backward: 1e-5, differences: 5e-3 };
const step = 1 / 64;

type Host = readonly { readonly shape: number[]; readonly values: number[] }[];

const hostOf = (tensors: readonly tf.Tensor[]): Host =>
  tensors.map((x) => ({ shape: x.shape, values: Array.from(x.dataSync()) }));

/** A weighted sum of all outputs, with weights that differ from element to element. */
const lossOf = (outputs: readonly tf.Tensor[]): tf.Scalar =>
  tf.addN(
    outputs.map((y) => {
      const weights = Float32Array.from({ length: y.size }, (_, i) => 0.5 + ((i * 5) % 7) / 7);
      return tf.sum(tf.mul(tf.reshape(y, [-1]), tf.tensor1d(weights)));
    }),
  ) as tf.Scalar;

const forward = (aCase: Case): Host => tidy(() => hostOf(outputsOf(aCase.run, tensorsOf(aCase))));

const backward = (aCase: Case): Host =>
  tidy(() => hostOf(gradients((xs) => lossOf(outputsOf(aCase.run, xs)), tensorsOf(aCase)).grads));

/** Central differences of the same loss. */
const differences = (aCase: Case): Host =>
  aCase.inputs.map((input, which) => ({
    shape: [...input.shape],
    values: input.values.map((value, i) => {
      const at = (moved: number): number =>
        tidy(() => {
          const inputs = aCase.inputs.with(which, { ...input, values: input.values.with(i, moved) });
          return lossOf(outputsOf(aCase.run, tensorsOf({ ...aCase, inputs }))).dataSync()[0];
        });
      return input.dtype === 'float32' ? (at(value + step) - at(value - step)) / (2 * step) : 0;
    }),
  }));

/** The largest difference relative to the larger of 1 and the largest value expected. */
const distance = (found: Host, expected: Host): number =>
  Math.max(
    0,
    ...expected.map(({ shape, values }, which) => {
      if (String(found[which].shape) !== String(shape)) return Infinity;
      const scale = Math.max(1, ...values.map(Math.abs).filter(Number.isFinite));
      return Math.max(
        0,
        ...values.map((value, i) =>
          Object.is(found[which].values[i], value) ? 0 : Math.abs(found[which].values[i] - value) / scale,
        ),
      );
    }),
  );

const smoothCases = cases.filter(({ isDifferentiable }) => isDifferentiable);

/** Operations that the stock wasm backend lacks or computes wrongly, and no layer needs. */
const notOnWasm = [...['complex numbers', 'maxPoolWithArgmax', 'transform']];

t.test('forward and backward on wasm as on cpu', async (t) => {
  await engine({ backend: 'cpu' });
  const expected = cases.map((aCase) => [forward(aCase), aCase.isDifferentiable ? backward(aCase) : []]);
  await engine({ backend: 'wasm' });
  const before = tf.memory().numTensors;
  cases.forEach((aCase, i) => {
    if (notOnWasm.includes(aCase.name)) return;
    try {
      t.ok(distance(forward(aCase), expected[i][0]) <= tolerance.forward, `${aCase.name}: forward`);
      if (aCase.isDifferentiable) {
        t.ok(distance(backward(aCase), expected[i][1]) <= tolerance.backward, `${aCase.name}: backward`);
      }
    } catch (error) {
      t.fail(`${aCase.name}: ${(error as Error).message}`);
    }
  });
  t.equal(tf.memory().numTensors, before, 'nothing is left in memory');
});

t.test('gradients are what finite differences give', async (t) => {
  await engine({ backend: 'cpu' });
  for (const aCase of smoothCases) {
    try {
      const error = distance(backward(aCase), differences(aCase));
      t.ok(error <= tolerance.differences, `${aCase.name}: ${error}`);
    } catch (error) {
      t.fail(`${aCase.name}: ${(error as Error).message}`);
    }
  }
});
