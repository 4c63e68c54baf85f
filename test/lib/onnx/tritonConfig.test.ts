/** Triton's configuration of a model: batches that are joined, and models that have none. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { exportOnnx, tritonConfig, unbatched } from '../../../lib/onnx/index.js';
import type { Scope } from '../../../lib/language/scope.js';

const nothing = { params: {} as never };

const read = (_s: Scope, x: tf.Tensor, ids: tf.Tensor) => ({ sum: tf.sum(x, [1, 2]), ids: tf.square(ids) });

t.test('requests are joined where every input and output begins with the batch', async (t) => {
  const model = exportOnnx(
    read,
    nothing,
    [{ shape: ['batch', 'points', 3] }, { shape: ['batch', 2], dtype: 'int32' }],
    { names: { inputs: ['x', 'ids'] } },
  );
  t.strictSame(unbatched(model), []);
  t.equal(
    tritonConfig(model, 'reader', 8),
    `name: "reader"
backend: "onnxruntime"
max_batch_size: 8
input [
  {
    name: "x"
    data_type: TYPE_FP32
    dims: [ -1, 3 ]
  },
  {
    name: "ids"
    data_type: TYPE_INT32
    dims: [ 2 ]
  }
]
output [
  {
    name: "output.sum"
    data_type: TYPE_FP32
    dims: [ 1 ]
    reshape: { shape: [ ] }
  },
  {
    name: "output.ids"
    data_type: TYPE_INT32
    dims: [ 2 ]
  }
]
dynamic_batching { }
`,
  );
});

t.test('a model that has an input without a batch is called as it is', async (t) => {
  const model = exportOnnx(
    (_s: Scope, x: tf.Tensor, y: tf.Tensor) => tf.add(x, y),
    nothing,
    [{ shape: ['batch', 2] }, { shape: [2] }],
    { names: { inputs: ['x', 'y'] } },
  );
  const config = tritonConfig(model, 'added');
  t.match(config, 'max_batch_size: 0\n');
  t.match(config, 'dims: [ -1, 2 ]');
  t.notMatch(config, 'dynamic_batching');
  t.strictSame(unbatched(model), ['y [2]']);
});
