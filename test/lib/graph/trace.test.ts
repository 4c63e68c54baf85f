/** Layers written down. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { elementsOf } from '../../../lib/graph/constant.js';
import type { Constant, Weight } from '../../../lib/graph/graph.js';
import { trace } from '../../../lib/graph/trace.js';
import { chain, engine, isTensor, module, type Scope, toTensor } from '../../../lib/index.js';
import { partsOf } from '../../../lib/data/nest.js';
import { fourierFeatures, gridPositions, layerNorm, linear, maskElements } from '../../../modules/index.js';
import { networks } from '../../presets/networks.js';
import { smallInputs, smallModel, smallWeights } from '../../presets/small.js';
import { interpret } from './interpret.js';

const float = (...shape: number[]) => ({ shape });

t.test('no engine has to run, and none is started', async (t) => {
  const { nodes, inputs, weights, outputs } = trace(linear(3), [float(2, 6)]);
  t.same(
    nodes.map(({ kernel, path }) => [kernel, path]),
    [['RengaAffine', 'linear']],
  );
  t.match(inputs, [{ kind: 'input', name: 'input', shape: [2, 6], dtype: 'float32' }]);
  t.same(
    weights.map(({ kind, path, shape }) => [kind, path, shape]),
    [
      ['param', 'linear/w', [6, 3]],
      ['param', 'linear/b', [3]],
    ],
  );
  t.match(outputs, [{ name: 'output', value: { kind: 'result', shape: [2, 3] } }]);
  t.equal(tf.getBackend(), undefined);
});

/** A layer as a user writes one, with a constant of its own. */
const gated = (channels: number) =>
  module('gated', (s) => {
    const value = s.declare(linear(channels));
    const gate = s.declare(linear(channels, { name: 'gate' }));
    return (x: tf.Tensor) => tf.mul(value(x), tf.sigmoid(tf.add(gate(x), tf.tensor1d([1, 2]))));
  });

t.test("a user's layer is written down as it is, with where each operation came from", async (t) => {
  const { nodes, calls } = trace(chain(layerNorm(), gated(2)), [float(4, 3)]);
  t.same(
    nodes.slice(-5).map(({ kernel, path }) => `${path} ${kernel}`),
    [
      'gated/~/linear RengaAffine',
      'gated/~/gate RengaAffine',
      'gated Add',
      'gated Sigmoid',
      'gated Multiply',
    ],
  );
  const added = nodes.find(({ kernel, path }) => kernel === 'Add' && path === 'gated');
  t.match(added?.inputs.b, { kind: 'constant', shape: [2], values: new Float32Array([1, 2]) });
  t.same(
    calls.map(({ path, method, inputs, outputs }) => [path, method, inputs, outputs]),
    [
      ['layer_norm', 'call', [[4, 3]], [[4, 3]]],
      ['gated/~/linear', 'call', [[4, 3]], [[4, 2]]],
      ['gated/~/gate', 'call', [[4, 3]], [[4, 2]]],
      ['gated', 'call', [[4, 3]], [[4, 2]]],
    ],
  );
});

t.test(
  'inputs and outputs have the names that they are given, records the keys of their parts',
  async (t) => {
    const layer = (_s: Scope, x: tf.Tensor, pair: { a: tf.Tensor; b: tf.Tensor }) => ({
      sum: tf.add(x, pair.a),
      list: [tf.mul(x, pair.b), x],
    });
    const shapes = [float(2), { a: float(2), b: float(2) }] as const;
    const named = trace(layer, shapes, { names: { inputs: ['x', 'pair'], output: 'y' } });
    t.same(
      named.inputs.map(({ name }) => name),
      ['x', 'pair.a', 'pair.b'],
    );
    t.same(
      named.outputs.map(({ name }) => name),
      ['y.sum', 'y.list.0', 'y.list.1'],
    );
    t.equal(named.outputs[2].value, named.inputs[0]);
    t.same(
      trace(layer, shapes).inputs.map(({ name }) => name),
      ['input', 'input.a', 'input.b'],
    );
    t.same(
      trace(layer, shapes, { names: { inputs: ['', ''], output: '' } }).outputs.map(({ name }) => name),
      ['sum', 'list.0', 'list.1'],
    );
    const twice = (_s: Scope, a: tf.Tensor, b: tf.Tensor) => tf.add(a, b);
    t.same(
      trace(twice, [float(1), float(1)]).inputs.map(({ name }) => name),
      ['input', 'input_1'],
    );
  },
);

t.test('a value read back in the middle is an error that names the layer', async (t) => {
  const peeking = module('peeking', () => (x: tf.Tensor) => tf.mul(x, tf.max(x).dataSync()[0]));
  const outer = module('outer', (s) => (x: tf.Tensor) => peeking(s, linear(2)(s, x)));
  t.throws(() => trace(outer, [float(2, 3)]), {
    name: 'NoDataError',
    message: /^outer\/peeking: this tensor has a shape and a dtype but no values/,
  });
  t.equal(tf.engine().backendName, undefined);
});

t.test('what is drawn at random cannot be written down', async (t) => {
  const masking = module(
    'masking',
    (s) => (x: tf.Tensor) => maskElements(s.key(), 0.5, x, tf.ones([2, 1, 3])),
  );
  t.throws(() => trace(masking, [float(2, 4, 3)]), { message: /^masking: .*random draw/ });
});

t.test('what depends on no input is computed once: Fourier features of fixed positions', async (t) => {
  const positions = { numBands: 3, maxResolution: [4, 5] };
  const layer = (_s: Scope, x: tf.Tensor) =>
    tf.concat([x, fourierFeatures(gridPositions([4, 5]), positions)], 1);
  const { nodes } = trace(layer, [float(20, 2)]);
  t.same(
    nodes.map(({ kernel }) => kernel),
    ['Concat'],
  );
  await engine({ backend: 'cpu' }); // what folds where no engine runs
  const expected = fourierFeatures(gridPositions([4, 5]), positions).dataSync();
  t.same(elementsOf(nodes[0].inputs[1] as Constant), expected);
});

t.test('constants of one number stay one number, whatever is done to them', async (t) => {
  const layer = (_s: Scope, x: tf.Tensor) =>
    tf.add(x, tf.cast(tf.notEqual(tf.tile(tf.expandDims(tf.ones([500]), 0), [300, 1]), 0), 'float32'));
  const [node] = trace(layer, [float(300, 500)]).nodes;
  t.match(node, { kernel: 'Add', inputs: { b: { kind: 'constant', shape: [300, 500], values: 1 } } });
});

t.test('large copies of small constants are left to be made', async (t) => {
  const layer = (_s: Scope, x: tf.Tensor) => tf.add(x, tf.tile(tf.tensor2d([[1, 2]]), [200_000, 1]));
  t.same(
    trace(layer, [float(200_000, 2)]).nodes.map(({ kernel }) => kernel),
    ['Tile', 'Add'],
  );
});

t.test('what is computed twice is shared, and what changes nothing is left out', async (t) => {
  const layer = (_s: Scope, x: tf.Tensor) => {
    const again = tf.reshape(tf.reshape(tf.clone(x), [3, 2]), [2, 3]);
    return tf.add(tf.exp(tf.mul(x, 2)), tf.exp(tf.mul(tf.transpose(again, [0, 1]), tf.scalar(2))));
  };
  const { nodes } = trace(layer, [float(2, 3)]);
  t.same(
    nodes.map(({ kernel }) => kernel),
    ['Multiply', 'Exp', 'Add'],
  );
  t.equal(nodes[2].inputs.a, nodes[2].inputs.b);
});

t.test('what no output needs is left out, but inputs stay', async (t) => {
  const layer = (s: Scope, x: tf.Tensor, _unused: tf.Tensor) => {
    linear(5)(s, x);
    return tf.neg(x);
  };
  const { nodes, inputs, weights } = trace(layer, [float(2, 3), float(1)]);
  t.same([nodes.map(({ kernel }) => kernel), inputs.length, weights], [['Neg'], 2, []]);
});

t.test('a tensor that a layer closes over is a constant with the values that it has now', async (t) => {
  await engine();
  const outside = tf.tensor1d([1, 2, 3]);
  const { nodes } = trace((_s: Scope, x: tf.Tensor) => tf.add(x, outside), [float(3)]);
  outside.dispose();
  t.same((nodes[0].inputs.b as Constant).values, new Float32Array([1, 2, 3]));
});

t.test('batch norm is by its moving averages, which are weights', async (t) => {
  const model = smallModel('imagenet-conv');
  const { weights } = trace(model.network, model.inputs);
  t.same(
    weights.filter(({ kind }) => kind === 'state').map(({ path }) => path.replace(/^.*batchnorm/, '')),
    ['/~/mean_ema/average', '/~/var_ema/average'],
  );
});

t.test('no tensor is left behind', async (t) => {
  await engine();
  const before = tf.memory().numTensors;
  const model = smallModel('words');
  trace(model.network, model.openInputs);
  t.equal(tf.memory().numTensors, before);
  t.equal(tf.findBackend('shapes').numDataIds(), 0);
});

/** Numbers in the places of open sizes. */
const sizes = { batch: 2, entities: 5, image_points: 3, audio_points: 4 };

for (const [name] of networks) {
  t.test(`${name}: the graph computes what the model computes, at sizes that were left open`, async (t) => {
    await engine();
    const model = smallModel(name);
    const { params, state } = smallWeights(model);
    const graph = trace(model.network, model.openInputs, { names: model.names });
    const inputs = smallInputs(model, sizes);
    const weightOf = ({ kind, path }: Weight): tf.Tensor => {
      const [, module, leaf] = /^(.*)\/([^/]+)$/.exec(path) as RegExpExecArray;
      return toTensor((kind === 'param' ? params : state)[module][leaf]);
    };
    const tensors = partsOf(inputs, isTensor);
    const byName = Object.fromEntries(graph.inputs.map(({ name }, i) => [name, tensors[i]]));
    const { output } = model.apply(params, state, {}, ...(inputs as never[]));
    const expected = partsOf(output, isTensor).map((y) => y.dataSync());
    const found = tf.tidy(() => interpret(graph, byName, weightOf, sizes).map((y) => y.dataSync()));
    t.equal(found.length, expected.length);
    found.forEach((values, i) => {
      const largest = Math.max(...expected[i].map(Math.abs));
      const difference = Math.max(...values.map((value, j) => Math.abs(value - expected[i][j])));
      t.ok(difference <= 1e-5 * largest, `differs by ${difference} of ${largest}`);
    });
  });
}
