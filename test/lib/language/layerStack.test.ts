/** Layer stacks: weights with the layers in front, keys split layer by layer. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../../../lib/data/array.js';
import type { Params } from '../../../lib/data/leaf.js';
import {
  chain,
  engine,
  key,
  type Layer,
  layerStack,
  layerStackWithInputs,
  outline,
  remat,
  type Scope,
  transform,
  transformWithState,
  valueAndGrad,
} from '../../../lib/index.js';
import { exportOnnx } from '../../../lib/onnx/index.js';
import { dropout } from '../../../modules/dropout.js';
import { exponentialMovingAverage } from '../../../modules/exponentialMovingAverage.js';
import { linear } from '../../../modules/linear.js';
import { vectorQuantizerEma } from '../../../modules/vectorQuantizerEma.js';
import { difference, started } from '../onnx/runtime.js';

await engine();

type Flow = Layer<[x: tf.Tensor], tf.Tensor>;

const x = tf.randomNormal([2, 4], 0, 1, 'float32', 1);
const block: Flow = (s, y) => tf.tanh(linear(4)(s, y));
const largest = (a: tf.Tensor): number => tf.max(tf.abs(a)).dataSync()[0];
const stackName = '__layer_stack_no_per_layer';

/** One layer's part of a leaf. */
const part = ({ shape, data }: HostArray, layer: number): HostArray => {
  const size = data.length / shape[0];
  return {
    shape: shape.slice(1),
    dtype: 'float32',
    data: (data as Float32Array).slice(layer * size, (layer + 1) * size),
  };
};

t.test('a stack computes what a chain of its layers does', async (t) => {
  const model = transform(layerStack(3, block));
  const params = model.init(key(1), x);
  t.same(params[`${stackName}/linear`].w.shape, [3, 4, 4]);
  const { w, b } = params[`${stackName}/linear`] as unknown as Record<string, HostArray>;
  const names = ['linear', 'linear_1', 'linear_2'];
  const apart = Object.fromEntries(
    names.map((name, i) => [name, { w: part(w, i), b: part(b, i) }]),
  ) as unknown as Params;
  const steps = transform(chain(block, block, block));
  t.ok(largest(tf.sub(model.apply(params, {}, x), steps.apply(apart, {}, x))) < 1e-6);
  const back = transform(layerStack(3, block, { reverse: true })).apply(params, {}, x);
  const reversed = Object.fromEntries(
    names.map((name, i) => [name, apart[names[2 - i]]]),
  ) as unknown as Params;
  t.ok(largest(tf.sub(back, steps.apply(reversed, {}, x))) < 1e-6);
});

t.test('gradients reach every layer, with and without checkpointing', async (t) => {
  const grads = (layer: Flow) => {
    const model = transform(layerStack(3, layer));
    const params = transform(layerStack(3, block)).init(key(1), x);
    return valueAndGrad((p: Params) => tf.sum(model.apply(p, {}, x)))(params).grads[`${stackName}/linear`].w;
  };
  const kept = grads(block);
  t.ok(tf.min(tf.max(tf.abs(kept), [1, 2])).dataSync()[0] > 0);
  t.ok(largest(tf.sub(kept, grads(remat(block)))) < 1e-6);
  const slope = (layer: Flow) => {
    const params = transform(layerStack(3, block)).init(key(1), x); // host arrays, freed when apply has ended
    return valueAndGrad((input: tf.Tensor) => tf.sum(transform(layer).apply(params, {}, input)))(x).grads;
  };
  const expected = slope(layerStack(3, block));
  t.ok(largest(expected) > 0);
  t.ok(largest(tf.sub(slope(layerStack(3, remat(block))), expected)) < 1e-6);
  t.ok(largest(tf.sub(slope(remat(layerStack(3, block))), expected)) < 1e-6);
});

t.test('layers draw different weights and different random numbers', async (t) => {
  const drop: Flow = (s, y) => dropout(s.key(), 0.5, y);
  const { w } = transform(layerStack(2, block)).init(key(1), x)[`${stackName}/linear`] as unknown as Record<
    string,
    HostArray
  >;
  t.notSame(part(w, 0).data, part(w, 1).data);
  const ones = tf.ones([64]);
  const zeros = (n: number) => {
    const y = transform(layerStack(n, drop)).apply({} as Params, { key: key(3) }, ones);
    return 64 - tf.sum(tf.cast(tf.notEqual(y, 0), 'int32')).dataSync()[0];
  };
  t.ok(zeros(2) > zeros(1), 'two layers drop more than one');
});

t.test('a value that a layer uses twice draws once', async (t) => {
  const twice: Flow = (s, y) => {
    const shared = s.declare(linear(4, { name: 'shared' }));
    return linear(4, { name: 'last' })(s, shared(shared(y)));
  };
  const once: Flow = (s, y) => linear(4, { name: 'last' })(s, s.declare(linear(4, { name: 'shared' }))(y));
  const last = (layer: Flow) => transform(layerStack(2, layer)).init(key(5), x)[`${stackName}/last`].w;
  t.same(last(twice), last(once));
});

t.test('stacks within stacks have an axis for each', async (t) => {
  const model = transform(layerStack(2, layerStack(3, block)));
  const params = model.init(key(1), x);
  const { w } = params[`${stackName}/${stackName}/linear`] as unknown as Record<string, HostArray>;
  t.same(w.shape, [2, 3, 4, 4]);
  const parts = [0, 1].flatMap((i) => [0, 1, 2].map((j) => String(part(part(w, i), j).data)));
  t.equal(new Set(parts).size, 6);
  t.same(model.apply(params, {}, x).shape, [2, 4]);
});

t.test('state has the layers in front, and begins at random where it is drawn', async (t) => {
  const average = transformWithState(
    layerStack(2, (s: Scope, y: tf.Tensor) => exponentialMovingAverage({ decayRate: 0.5 })(s, tf.add(y, 1))),
  );
  const made = average.init(key(1), tf.scalar(1));
  const { state } = average.apply(made.params, made.state, {}, tf.scalar(1));
  const { counter } = state[`${stackName}/exponential_moving_average`];
  t.same([counter.shape, [...(counter as tf.Tensor).dataSync()]], [[2], [2, 2]]);
  const quantizer = vectorQuantizerEma({
    embeddingDim: 4,
    numEmbeddings: 3,
    commitmentCost: 1,
    decayRate: 0.9,
  });
  const codes = transformWithState(
    layerStack(2, (s: Scope, y: tf.Tensor) => quantizer(s, y).quantize),
    { isTraining: false },
  );
  const { embeddings } = codes.init(key(1), x).state[
    `${stackName}/vector_quantizer_ema`
  ] as unknown as Record<string, HostArray>;
  t.same(embeddings.shape, [2, 4, 3]);
  t.notSame(part(embeddings, 0).data, part(embeddings, 1).data);
});

t.test('inputs and outputs of each layer go along', async (t) => {
  const scaled = layerStackWithInputs(2, (_s, y: tf.Tensor, by: tf.Tensor) => [tf.mul(y, by), y] as const);
  const [out, before] = transform(scaled).apply({} as Params, {}, tf.tensor1d([1, 2]), tf.tensor1d([3, 10]));
  t.same([...out.dataSync()], [30, 60]);
  t.same(
    [before.shape, [...before.dataSync()]],
    [
      [2, 2],
      [1, 2, 3, 6],
    ],
  );
  t.throws(() => outline(scaled, [{ shape: [2] }, { shape: [3] }]), {
    message: `${'__layer_stack_with_per_layer'}: an input for each layer has shape [3], expected 2 along its first axis`,
  });
});

t.test('a transparent stack has the leaves of layers that are called one by one', async (t) => {
  const pathOf = (path: string, layer: number): string => (layer === 0 ? path : `${path}_${layer}`);
  const model = transform(layerStack(3, block, { pathOf }));
  const params = model.init(key(1), x);
  t.same(Object.keys(params), ['linear', 'linear_1', 'linear_2']);
  const opaque = transform(layerStack(3, block)).init(key(1), x)[`${stackName}/linear`].w as HostArray;
  t.same(params.linear_2.w.data, part(opaque, 2).data);
  t.ok(
    largest(tf.sub(model.apply(params, {}, x), transform(chain(block, block, block)).apply(params, {}, x))) <
      1e-6,
  );
});

t.test('a stack is exported', async (t) => {
  const layer = layerStack(2, block);
  const params = transform(layer).init(key(1), x);
  const runtime = await started(exportOnnx(layer, { params }, [{ shape: ['batch', 4] }]));
  const [found] = Object.values(await runtime.run([x]));
  t.ok(difference(found, transform(layer).apply(params, {}, x)) < 1e-5);
});

t.test('a number of layers that is none is refused', async (t) => {
  t.throws(() => layerStack(0, block), {
    message: 'a layer stack of 0 layers, expected a whole number from 1',
  });
  t.throws(() => layerStack(1.5, block), { name: 'RangeError' });
});
