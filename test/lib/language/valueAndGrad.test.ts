/** Gradients of nests of parameters: against differences, and of everything that is no plain parameter. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { normal } from '../../../lib/random/index.js';
import { array, float32, type HostArray, int32 } from '../../../lib/data/array.js';
import {
  engine,
  key,
  type Leaf,
  type Params,
  place,
  type State,
  transform,
  transformWithState,
  tree,
  valueAndGrad,
} from '../../../lib/index.js';
import { batchNorm } from '../../../modules/batchNorm.js';
import { linear } from '../../../modules/linear.js';
import { selfAttention } from '../../../modules/selfAttention.js';

await engine();

const values = (x: Leaf): number[] =>
  x instanceof tf.Tensor ? [...x.dataSync()] : Array.from(x.data as Float32Array);

t.test('gradients of masked self-attention are its slopes', async (t) => {
  const model = transform(selfAttention({ numHeads: 2 }));
  const draw = (seed: number, shape: number[]) => tf.tensor(normal(key(seed), shape).data, shape);
  const [x, cotangent] = [draw(1, [2, 4, 6]), draw(2, [2, 4, 6])];
  const mask = tf.tensor3d(
    [1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0].concat(Array(16).fill(1)),
    [2, 4, 4],
  );
  // Moved off the initial values, so that every leaf matters.
  const params = tree.update(model.init(key(3), x), model.init(key(3), x), (leaf, _same, path) => {
    const noise = normal(key(path.length), leaf.shape).data;
    return float32(
      leaf.shape,
      noise.map((n, i) => Number(leaf.data[i]) + 0.1 * n),
    );
  });
  const loss = (p: Params, input: tf.Tensor): tf.Tensor =>
    tf.sum(tf.mul(model.apply(p, {}, input, mask), cotangent));
  const { value, grads } = valueAndGrad(loss)(params, x);
  t.equal(value.dataSync()[0], loss(params, x).dataSync()[0]);
  t.same(tree.paths(grads), tree.paths(params));

  const epsilon = 1e-2;
  for (const [path, leaf] of tree.flatten(params)) {
    const direction = normal(key(path.length + 50), leaf.shape).data;
    const along = (step: number): number => {
      const moved = float32(
        leaf.shape,
        direction.map((d, i) => Number(leaf.data[i]) + step * d),
      );
      return tf.tidy(
        () => loss(tree.mapWithPath(params, (p, l) => (p === path ? moved : l)) as Params, x).dataSync()[0],
      );
    };
    const slope = (along(epsilon) - along(-epsilon)) / (2 * epsilon);
    const found = values(tree.at(grads, path) as tf.Tensor).reduce((sum, g, i) => sum + g * direction[i], 0);
    t.ok(Math.abs(slope - found) <= 5e-3 * (1 + Math.abs(slope)), `${path}: ${found}, slope ${slope}`);
  }
});

t.test('any nest of arrays has gradients', async (t) => {
  const { value, grads } = valueAndGrad(
    ({ scale, list: [first, second] }: { scale: Leaf; list: [Leaf, Leaf]; n: number }, x: tf.Tensor) =>
      tf.sum(
        tf.mul(tf.mul(scale as tf.Tensor, x), tf.add(first as tf.Tensor, tf.mul(second as tf.Tensor, 2))),
      ),
  )(
    { scale: float32([], [3]), list: [tf.tensor1d([1, 1]), float32([2], [0, 1])], n: 5 },
    tf.tensor1d([1, 10]),
  );
  t.equal(value.dataSync()[0], 3 * (1 * 1 + 10 * 3));
  t.same(values(grads.scale), [31]);
  t.same(values(grads.list[0]), [3, 30]);
  t.same(values(grads.list[1]), [6, 60]);
  t.equal(grads.n, 5);

  const alone = valueAndGrad((x: tf.Tensor) => tf.sum(tf.square(x)))(tf.tensor1d([1, -2]));
  t.same(values(alone.grads), [2, -4]);
});

t.test('what the value does not depend on gets zeros', async (t) => {
  const params = {
    linear: { w: float32([2, 1], [1, 2]), b: float32([1], [0]) },
    unused: {
      w: float32([3], [1, 2, 3]),
      ids: int32([2], [1, 2]),
      flags: array([1], 'bool', Uint8Array.of(1)),
    },
  } as unknown as Params<HostArray>;
  const model = transform(linear(1));
  const { grads } = valueAndGrad((p: Params, x: tf.Tensor) => tf.sum(model.apply(p, {}, x)))(
    params,
    tf.ones([1, 2]),
  );
  t.same(tree.map(grads, values), {
    linear: { w: [1, 1], b: [1] },
    unused: { w: [0, 0, 0], ids: [0, 0], flags: [0] },
  });
  const constant = valueAndGrad((_p: Params) => tf.scalar(2))(params);
  t.equal(constant.value.dataSync()[0], 2);
  t.same(values(constant.grads.linear.w), [0, 0]);
});

t.test('half floats are widened, and have gradients', async (t) => {
  const half = array([2], 'float16', Uint16Array.of(0x3c00, 0x4000));
  const { grads } = valueAndGrad((x: Leaf) => tf.sum(tf.square(x as tf.Tensor)))(half);
  t.same(values(grads), [2, 4]);
});

t.test('what else a function tells comes out beside', async (t) => {
  const model = transformWithState(batchNorm({ decayRate: 0.5 }));
  const x = tf.tensor2d([1, 2, 3, 6], [2, 2]);
  const { params, state } = model.init(key(1), x);
  const step = valueAndGrad((p: Params, s: State) => {
    const { output, state: next } = model.apply(p, s, { isTraining: true }, x);
    return { loss: tf.sum(tf.square(output)), aux: { state: next, batch: x.shape[0] } };
  });
  const start = tf.memory().numTensors;
  const { value, grads, aux } = step(params, state);
  t.equal(aux.batch, 2);
  t.same(values(aux.state['batch_norm/~/mean_ema'].hidden), [1, 2]);
  t.ok(Math.abs(value.dataSync()[0] - 4) < 1e-4);
  t.ok(values(grads.batch_norm.scale).every((g) => Math.abs(g - 4) < 1e-3));
  tf.dispose(value);
  tree.map(grads, (g) => g.dispose());
  tree.map(aux.state, (leaf) => tf.dispose(leaf as tf.Tensor));
  t.equal(tf.memory().numTensors, start);
  tf.tidy(() => void step(params, state));
  t.equal(tf.memory().numTensors, start, 'a tidy around it takes it all');
});

t.test('arguments stay, and nothing but the result is left, also after an error', async (t) => {
  const model = transform(linear(2));
  const x = tf.ones([1, 3]);
  const params = model.init(key(1), x);
  using placed = place(params);
  const loss = (p: Params, input: tf.Tensor) => tf.sum(tf.square(model.apply(p, {}, input)));
  const start = tf.memory().numTensors;
  const expected = values(params.linear.w);
  for (const p of [params, placed] as Params[]) {
    const { value, grads } = valueAndGrad(loss)(p, x);
    t.equal(tf.memory().numTensors, start + 3);
    tf.dispose(value);
    tree.map(grads, (g) => g.dispose());
    t.equal(tf.memory().numTensors, start);
  }
  t.same(values(params.linear.w), expected);
  t.same(values(placed.linear.w), expected);
  t.equal(x.isDisposed, false);

  t.throws(() => valueAndGrad(loss)(params, tf.ones([1, 4])), { name: 'ShapeError' });
  t.throws(() => valueAndGrad((p: Params) => model.apply(p, {}, x))(params), {
    name: 'RangeError',
    message: /must give a scalar/,
  });
  t.throws(
    () =>
      valueAndGrad((p: Params) => {
        const aux = model.apply(p, {}, x);
        return { loss: aux, aux };
      })(params),
    { message: /must give a scalar/ },
  );
  t.equal(tf.memory().numTensors, start + 1, 'the input that was too wide');
});

t.test('gradients of parameters are a tree, not parameters', async (t) => {
  const model = transform(linear(1));
  const params = model.init(key(1), { shape: [1, 2] });
  const { grads } = valueAndGrad((p: Params) => tf.sum(model.apply(p, {}, tf.ones([1, 2]))))(params);
  const typed: tree.Tree<tf.Tensor> = grads;
  const next: Params<tf.Tensor> = tree.update(params, typed, (p, g) => tf.sub(float(p), tf.mul(g, 0.1)));
  t.equal(values(next.linear.b)[0], Math.fround(-0.1));
  // @ts-expect-error gradients are nothing to apply
  t.ok(model.apply(grads, {}, tf.ones([1, 2])));
});

const float = (leaf: HostArray): tf.Tensor => tf.tensor(leaf.data as Float32Array, [...leaf.shape]);
