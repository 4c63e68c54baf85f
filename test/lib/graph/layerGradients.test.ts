/** The gradient of every layer as a graph: each kernel of it has a rule in every target. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { isTensor, type Params, toTensor } from '../../../lib/data/leaf.js';
import { partsOf } from '../../../lib/data/nest.js';
import { flatten } from '../../../lib/data/trees.js';
import { engine } from '../../../lib/engine/index.js';
import { traceFunction } from '../../../lib/graph/index.js';
import { hasCost } from '../../../lib/graph/flops.js';
import { transformWithState } from '../../../lib/language/transform.js';
import { valueAndGrad } from '../../../lib/language/valueAndGrad.js';
import { graphToOnnx } from '../../../lib/onnx/index.js';
import { type Key, key } from '../../../lib/random/index.js';
import { descriptors } from '../../modules/descriptors.js';
import { started } from '../onnx/runtime.js';
import { interpret } from './interpret.js';

await engine();

for (const [name, { layer, inputs }] of Object.entries(descriptors()))
  t.test(`${name}: its gradient as a graph, on the engine and in onnxruntime`, async (t) => {
    const model = transformWithState(layer);
    const { params, state } = model.init(key(1), ...inputs);
    const loss = (p: Params, drawn: Key, ...x: tf.Tensor[]) => {
      const { output, state: next } = model.apply(p, state, { key: drawn, isTraining: true }, ...x);
      const squares = partsOf(output, isTensor).map((part) => tf.mean(tf.square(part)));
      return { loss: tf.addN(squares), aux: next };
    };
    const step = valueAndGrad(loss);
    const example = [params, key(3), ...inputs] as const;
    const trace = (isComposed?: (kernel: string) => boolean) =>
      traceFunction(step as (...args: typeof example) => unknown, example as never, {
        names: { inputs: ['params', 'key'], output: 'y' },
        isComposed,
      });
    const kernels = new Set(trace(() => false).nodes.map(({ kernel }) => kernel));
    t.same(
      [...kernels].filter((kernel) => !hasCost(kernel)),
      [],
      'each has a number of operations',
    );

    const graph = trace();
    const given = [
      ...flatten(params).map(([, leaf]) => toTensor(leaf)),
      tf.tensor1d([...key(3).words], 'int32'),
      ...inputs,
    ];
    t.equal(graph.inputs.length, given.length);
    const byName = Object.fromEntries(graph.inputs.map((input, i) => [input.name, given[i]]));
    const result = step(params, key(3), ...inputs);
    const expected = partsOf(result, isTensor);
    const names = partsOf(graph.result, (part): part is string => typeof part === 'string');
    const engines = tf.tidy(() => interpret(graph, byName, () => tf.scalar(0)).map((y) => y.dataSync()));
    const found = await (await started(graphToOnnx(graph))).run(given);
    t.equal(names.length, expected.length);
    // Gradients that are zero but for rounding are measured beside the largest of all.
    const largest = Math.max(...expected.map((y) => tf.tidy(() => tf.max(tf.abs(y)).dataSync()[0])));
    const isNear = (data: ArrayLike<number>, y: tf.Tensor, share: number): boolean => {
      const values = y.dataSync();
      const most = Math.max(...values.map((value) => Math.abs(value)), 0.01 * largest);
      return (
        data.length === values.length && values.every((value, i) => Math.abs(data[i] - value) <= share * most)
      );
    };
    expected.forEach((y, i) => {
      const place = graph.outputs.findIndex((output) => output.name === names[i]);
      t.ok(isNear(engines[place], y, 1e-5), `${names[i]} on the engine`);
      t.same(found[names[i]].dims, y.shape);
      t.ok(isNear(found[names[i]].data, y, 1e-4), `${names[i]} in onnxruntime`);
    });
    tf.dispose(expected);
  });
