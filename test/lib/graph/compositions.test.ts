/** Kernels that other engines lack, written down as what they are composed of: the same numbers. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../../lib/engine/index.js';
import { traceFunction } from '../../../lib/graph/index.js';
import { valueAndGrad } from '../../../lib/language/valueAndGrad.js';
import { compositionOf } from '../../../lib/engine/shapes/withoutData.js';
import { kept } from '../../../lib/graph/isComposedByDefault.js';
import { graphToOnnx, isComposedInOnnx } from '../../../lib/onnx/index.js';
import { operators } from '../../../lib/onnx/operators/index.js';
import { difference, started } from '../onnx/runtime.js';
import { interpret } from './interpret.js';

type Case = readonly [inputs: readonly number[][], f: (...x: tf.Tensor[]) => tf.Tensor];

const four = (x: tf.Tensor) => x as tf.Tensor4D;
const five = (x: tf.Tensor) => x as tf.Tensor5D;

const cases: Readonly<Record<string, Case>> = {
  'a convolution with strides': [
    [
      [2, 7, 8, 3],
      [3, 2, 3, 4],
    ],
    (x, w) => tf.conv2d(four(x), four(w), [2, 3], 'same'),
  ],
  'a convolution whose windows leave the last rows out': [
    [
      [1, 8, 8, 2],
      [3, 3, 2, 3],
    ],
    (x, w) => tf.conv2d(four(x), four(w), 3, 'valid'),
  ],
  'a convolution of holes': [
    [
      [1, 9, 9, 2],
      [3, 3, 2, 3],
    ],
    (x, w) => tf.conv2d(four(x), four(w), 1, 'same', 'NHWC', 2),
  ],
  'a convolution padded by hand': [
    [
      [1, 5, 6, 2],
      [3, 3, 2, 3],
    ],
    (x, w) => tf.conv2d(four(x), four(w), 2, 1),
  ],
  'a depthwise convolution': [
    [
      [2, 6, 7, 3],
      [3, 2, 3, 2],
    ],
    (x, w) => tf.depthwiseConv2d(four(x), four(w), 2, 'same'),
  ],
  'a convolution of videos': [
    [
      [1, 4, 5, 6, 2],
      [2, 3, 3, 2, 3],
    ],
    (x, w) => tf.conv3d(five(x), five(w), [1, 2, 2], 'same'),
  ],
  'maxima of windows': [[[2, 7, 6, 3]], (x) => tf.maxPool(four(x), 3, 2, 'same')],
  'maxima of windows of videos': [[[1, 4, 5, 6, 2]], (x) => tf.maxPool3d(five(x), 2, 2, 'same')],
  'means of windows': [[[2, 6, 6, 3]], (x) => tf.avgPool(four(x), 2, 2, 'valid')],
  'means of windows at a border': [[[1, 7, 6, 3]], (x) => tf.avgPool(four(x), 3, 2, 'same')],
  'means of windows of videos': [[[1, 4, 4, 6, 2]], (x) => tf.avgPool3d(five(x), 2, 2, 'valid')],
};

t.test(
  'graphs keep the kernels that ONNX has a form of, and have others composed, if not asked otherwise',
  (t) => {
    const composed = Object.keys(operators).filter((kernel) => compositionOf(kernel));
    t.same([...kept].sort(), composed.sort());
    t.ok(composed.length > 10);
    const { nodes } = traceFunction(
      valueAndGrad((x: tf.Tensor) => tf.sum(tf.softmax(x))),
      [{ shape: [2, 3] }],
      {
        isComposed: () => false,
      },
    );
    t.ok(nodes.some(({ kernel }) => kernel === 'RengaSoftmaxGradient'));
    t.end();
  },
);

for (const [name, [shapes, f]] of Object.entries(cases))
  t.test(`${name}: its gradient, on the engine and in onnxruntime`, async (t) => {
    await engine();
    const inputs = shapes.map((shape, i) => tf.randomNormal(shape, 0, 1, 'float32', i + 1));
    const step = valueAndGrad((x: tf.Tensor[]) => {
      const y = f(...x);
      const weights = tf.reshape(tf.range(0, y.size), y.shape);
      return tf.mean(tf.mul(tf.sin(weights), y));
    });
    const { grads } = step(inputs) as { grads: readonly tf.Tensor[] };
    const graph = traceFunction((x: tf.Tensor[]) => step(x).grads, [inputs]);
    t.notOk(graph.nodes.some(({ kernel }) => isComposedInOnnx(kernel)));
    const byName = Object.fromEntries(graph.inputs.map((input, i) => [input.name, inputs[i]]));
    const own = interpret(graph, byName, () => tf.scalar(0));
    const found = await (await started(graphToOnnx(graph))).run(inputs);
    grads.forEach((grad, i) => {
      const mine = { dims: own[i].shape, data: own[i].dataSync() as Float32Array };
      t.ok(difference(mine, grad) < 1e-5, `${i} on the engine`);
      t.ok(difference(found[graph.outputs[i].name], grad) < 1e-5, `${i} in onnxruntime`);
    });
  });
