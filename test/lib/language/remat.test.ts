/** Gradient checkpointing: the layer's own names, keys, state and gradients, in less memory. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import {
  chain,
  engine,
  key,
  type Layer,
  module,
  type Params,
  remat,
  repeat,
  residual,
  type Scope,
  stack,
  toHostSync,
  transform,
  transformWithState,
  valueAndGrad,
} from '../../../lib/index.js';
import { selfAttention } from '../../../modules/index.js';
import { batchNorm, linear } from '../../../modules/index.js';

await engine();

type Flow = Layer<[x: tf.Tensor], tf.Tensor>;

const x = tf.tensor(
  Float32Array.from({ length: 2 * 24 * 16 }, (_, i) => Math.sin(i)),
  [2, 24, 16],
);

/** The loss and its gradients in parameters and input, as numbers. */
const gradsOf = (layer: Flow, params: Params, input = x) => {
  const model = transform(layer);
  const step = valueAndGrad(([p, z]: readonly [Params, tf.Tensor]) =>
    tf.mean(tf.square(model.apply(p, { key: key(5), isTraining: true }, z))),
  );
  const { value, grads } = step([params, input] as const);
  const leaves = [...Object.values(grads[0]).flatMap((module) => Object.values(module)), grads[1]];
  const numbers = [value, ...leaves].map((each) => [...toHostSync(each as tf.Tensor).data] as number[]);
  tf.dispose([value, leaves as tf.Tensor[]]);
  return numbers;
};

const block = (): Flow => chain(selfAttention({ numHeads: 2, dropoutRate: 0.3 }), (_s, y) => tf.tanh(y));

const largestDifference = (a: number[][], b: number[][]): number =>
  Math.max(...a.flatMap((each, i) => each.map((value, j) => Math.abs(value - b[i][j]))));

const pairs: Record<string, readonly [Flow, Flow]> = {
  'a stack': [stack(3, () => block()), stack(3, () => remat(block()))],
  'a repeated layer': [repeat(3, block()), repeat(3, remat(block()))],
  'a layer inside of another': [stack(2, () => block()), remat(stack(2, () => remat(block())))],
  'layers beside each other': [
    chain(linear(16), residual(linear(16)), linear(4)),
    chain(linear(16), residual(remat(linear(16) as Flow)), linear(4)),
  ],
  'a declared module': [
    module('outer', (s: Scope) => s.declare(linear(5))) as Flow,
    module('outer', (s: Scope) => s.declare(remat(linear(5) as Flow))) as Flow,
  ],
};

for (const [name, [plain, checkpointed]] of Object.entries(pairs)) {
  t.test(`${name}: the same parameters and the same gradients`, async (t) => {
    const params = transform(plain).init(key(1), x);
    t.same(Object.keys(transform(checkpointed).init(key(1), x)), Object.keys(params));
    const before = tf.memory().numTensors;
    const [a, b] = [gradsOf(plain, params), gradsOf(checkpointed, params)];
    t.equal(a.length, b.length);
    t.ok(largestDifference(a, b) < 1e-6, `${largestDifference(a, b)}`);
    t.equal(tf.memory().numTensors, before, 'nothing is left in memory');
  });
}

t.test('without a gradient it is the layer itself', async (t) => {
  const params = transform(block()).init(key(1), x);
  const [a, b] = [block(), remat(block())].map((layer) => transform(layer).apply(params, {}, x).dataSync());
  t.same(b, a);
});

t.test('layers of several inputs and outputs, some of them no tensors', async (t) => {
  const split = (_s: Scope, a: { y: tf.Tensor; n: number }, z: tf.Tensor) => ({
    sum: tf.add(a.y, z),
    parts: [tf.mul(a.y, a.n), 7] as const,
  });
  const loss = (layer: typeof split) => (y: tf.Tensor) => {
    const model = transform(layer);
    const { sum, parts } = model.apply({} as Params, {}, { y, n: 3 }, tf.square(y));
    return tf.sum(tf.mul(sum, parts[0]));
  };
  const y = tf.tensor1d([1, 2, 3]);
  const [a, b] = [split, remat(split)].map((layer) => valueAndGrad(loss(layer))(y).grads.dataSync());
  t.same(b, a);
});

t.test('state is set once, and a layer reads what it was', async (t) => {
  const norm: Flow = (s, z) => batchNorm({ decayRate: 0.9 })(s, linear(4)(s, z));
  const statesAfter = [norm, remat(norm)].map((layer) => {
    const model = transformWithState(layer);
    const { params, state } = model.init(key(2), x);
    const step = valueAndGrad((p: Params) => {
      const { output, state: next } = model.apply(p, state, { isTraining: true }, x);
      return { loss: tf.mean(tf.square(tf.sin(output))), aux: next };
    });
    const { aux, grads } = step(params);
    const leaves = [aux, grads].flatMap((tree) => Object.values(tree).flatMap((each) => Object.values(each)));
    return leaves.map((leaf) => [...toHostSync(leaf as tf.Tensor).data] as number[]);
  });
  t.ok(largestDifference(statesAfter[0], statesAfter[1]) < 1e-6);
});

/** The most bytes that tensors took while something ran. */
const mostBytes = (run: () => unknown): number => {
  const engineOf = tf.engine() as unknown as {
    state: { numBytes: number };
    trackTensor: (...args: unknown[]) => unknown;
  };
  const { trackTensor } = engineOf;
  let most = 0;
  engineOf.trackTensor = (...args) => {
    const result = trackTensor.apply(engineOf, args);
    most = Math.max(most, engineOf.state.numBytes);
    return result;
  };
  const before = engineOf.state.numBytes;
  run();
  engineOf.trackTensor = trackTensor;
  return most - before;
};

t.test('twelve layers are held in less than half the memory', async (t) => {
  const input = tf.ones([4, 64, 32]);
  const deep = (wrap: (layer: Flow) => Flow): Flow =>
    stack(12, () => wrap(selfAttention({ numHeads: 2 }) as Flow));
  const params = transform(deep((layer) => layer)).init(key(1), input);
  const [plain, checkpointed] = [deep((layer) => layer), deep(remat)].map((layer) =>
    mostBytes(() => gradsOf(layer, params, input)),
  );
  t.ok(checkpointed < plain / 2, `${checkpointed} bytes, ${plain} without`);
  t.comment(`${checkpointed} bytes, ${plain} without`);
});

t.test('an error in the backward pass names the layer', async (t) => {
  let runs = 0;
  const failing = module('failing', () => (z: tf.Tensor) => {
    if (runs++ > 0) throw new Error('not again');
    return tf.square(z);
  });
  const model = transform(remat(failing as Flow));
  t.throws(
    () => valueAndGrad((z: tf.Tensor) => tf.sum(model.apply({} as Params, {}, z)))(x),
    /failing: not again/,
  );
});
