/**
 * Looking and touching, by example: activation patching, adapters, pruning, weight standardisation, a straight-through
 * estimator, a frozen part, one network over two modalities. The guide links here.
 */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import {
  capture,
  chain,
  engine,
  type Interceptor,
  key,
  type Layer,
  lift,
  module,
  type Params,
  remat,
  type Scope,
  type Shown,
  stack,
  stopGradient,
  tanh,
  transform,
  transformManyWithState,
  transformWithState,
  tree,
  valueAndGrad,
} from '../../../lib/index.js';
import { batchNorm, dropout, linear, selfAttention } from '../../../modules/index.js';

await engine();

type Flow = Layer<[x: tf.Tensor], tf.Tensor>;

const x = tf.tensor(
  Float32Array.from({ length: 2 * 4 * 8 }, (_, i) => Math.sin(i)),
  [2, 4, 8],
);
const other = tf.tensor(
  Float32Array.from({ length: 2 * 4 * 8 }, (_, i) => Math.cos(3 * i)),
  [2, 4, 8],
);

const far = (a: tf.Tensor, b: tf.Tensor): number => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]);

/** Three blocks, each checkpointed or not. */
const tower = (wrap: (layer: Flow) => Flow): Flow =>
  stack(3, () => wrap(module('block', (s) => (z: tf.Tensor) => tf.tanh(linear(8)(s, z))) as Flow));
const wraps: Readonly<Record<string, (layer: Flow) => Flow>> = {
  plain: (layer) => layer,
  checkpointed: (layer) => remat(layer),
};

t.test('activation patching: the output of one run in the place of that of another', async (t) => {
  const model = transformWithState(tower((layer) => layer));
  const { params } = model.init(key(1), x);
  const outputs = new Map<string, tf.Tensor>();
  const observe = ({ path, output }: { readonly path: string; readonly output: unknown }) =>
    void outputs.set(path, tf.keep(tf.clone(output as tf.Tensor)));
  const clean = model.apply(params, {}, { observe }, x).output;
  const patchedAt = (path: string) => {
    const intercept: Interceptor = { of: [path], around: () => tf.clone(outputs.get(path) as tf.Tensor) };
    return model.apply(params, {}, { intercept }, other).output;
  };
  t.ok(far(patchedAt('block_2'), clean) === 0, 'the last block decides the output');
  t.ok(far(patchedAt('block'), clean) === 0, 'as does the first: blocks see nothing else');
  const half: Interceptor = {
    of: ['block_1'],
    around: ({ inputs: [z] }, next) => tf.add(next(z) as tf.Tensor, tf.mul(z as tf.Tensor, 0.5)),
  };
  const steered = model.apply(params, {}, { intercept: half }, other).output;
  t.ok(far(steered, model.apply(params, {}, {}, other).output) > 0.01);
});

for (const [name, wrap] of Object.entries(wraps)) {
  t.test(`interceptors change values and gradients, ${name}`, async (t) => {
    const model = transform(tower(wrap));
    const params = model.init(key(1), x);
    const scale = tf.scalar(0.7);
    const intercept: readonly Interceptor[] = [
      { of: /block_1$/, around: (_call, next) => tf.mul(next(x) as tf.Tensor, 2) },
      {
        of: ['block'],
        around: ({ inputs: [z] }, next) => tf.add(next(tf.mul(z as tf.Tensor, scale)) as tf.Tensor, 1),
      },
    ];
    // Written out: the second block gets x whatever the first gives, and gives twice its output.
    const byHand = (p: Params, factor: tf.Tensor, input: tf.Tensor): tf.Tensor => {
      const block = (at: string, z: tf.Tensor) => {
        const { w, b } = p[`${at}/linear`] as Record<string, tf.Tensor>;
        return tf.tanh(tf.add(tf.reshape(tf.matMul(tf.reshape(z, [-1, 8]), w as tf.Tensor2D), z.shape), b));
      };
      const first = tf.add(block('block', tf.mul(input, factor)), 1);
      const second = tf.mul(block('block_1', x), 2);
      return tf.add(block('block_2', second), tf.mul(first, 0));
    };
    const lossOf = (apply: (p: Params, factor: tf.Tensor) => tf.Tensor) =>
      valueAndGrad(([p, factor]: readonly [Params, tf.Tensor]) => tf.sum(tf.square(apply(p, factor))))([
        params,
        scale,
      ] as const);
    const found = lossOf((p) => model.apply(p, { intercept }, x));
    const wanted = lossOf((p, factor) => byHand(p, factor, x));
    t.ok(far(found.value, wanted.value) < 1e-4);
    tree
      .flatten(tree.zip(found.grads[0], wanted.grads[0]))
      .forEach(([path, [a, b]]) => t.ok(far(a, b) < 1e-4, path));
  });

  t.test(`LoRA: low ranks are trained, parameters stay, ${name}`, async (t) => {
    const model = transform(tower(wrap));
    const params = model.init(key(1), x);
    const rank = 2;
    const adapter = Object.fromEntries(
      tree.paths(tree.filter(params, /block.*\/w$/)).map((path, i) => [
        path.slice(0, -2),
        {
          a: tf.randomNormal([8, rank], 0, 0.3, 'float32', i),
          b: tf.randomNormal([rank, 8], 0, 0.3, 'float32', 9 + i),
        },
      ]),
    );
    type Adapter = typeof adapter;
    const adapted =
      (lora: Adapter) =>
      (value: tf.Tensor, { module: at, name: leaf }: { readonly module: string; readonly name: string }) =>
        leaf === 'w' ? tf.add(value, tf.matMul(lora[at].a as tf.Tensor2D, lora[at].b as tf.Tensor2D)) : value;
    const step = valueAndGrad((lora: Adapter) =>
      tf.mean(tf.square(model.apply(params, { param: adapted(lora) }, x))),
    );
    // Written out: parameters with the products added to them.
    const merged = valueAndGrad((lora: Adapter) => {
      const sums = tree.map(params, (leaf) => tf.tensor(leaf.data as Float32Array, [...leaf.shape]));
      const weights = tree.mapWithPath(sums, (path, leaf) => {
        const [at, leafName] = tree.splitPath(path);
        return leafName === 'w'
          ? tf.add(leaf, tf.matMul(lora[at].a as tf.Tensor2D, lora[at].b as tf.Tensor2D))
          : leaf;
      });
      return tf.mean(tf.square(model.apply(weights as Params, {}, x)));
    });
    const before = tf.memory().numTensors;
    tf.dispose(step(adapter) as never);
    t.equal(tf.memory().numTensors, before, 'nothing is left of a step');
    const found = step(adapter);
    const wanted = merged(adapter);
    t.ok(far(found.value, wanted.value) < 1e-6);
    for (const [path, [a, b]] of tree.flatten(
      tree.zip(found.grads as tree.Tree<tf.Tensor>, wanted.grads as tree.Tree<tf.Tensor>),
    )) {
      t.ok(tf.max(tf.abs(a)).dataSync()[0] > 1e-5, `${path} has a gradient`);
      t.ok(far(a, b) < 1e-5, path);
    }
  });

  t.test(`weight standardisation: the gradient reaches the raw weights, ${name}`, async (t) => {
    const standard = (w: tf.Tensor): tf.Tensor => {
      const { mean, variance } = tf.moments(w, 0, true);
      return tf.div(tf.sub(w, mean), tf.sqrt(tf.add(variance, 1e-5)));
    };
    const model = transform(tower(wrap));
    const params = model.init(key(1), x);
    const param = (value: tf.Tensor, { name: leaf }: { readonly name: string }) =>
      leaf === 'w' ? standard(value) : value;
    const found = valueAndGrad((p: Params) => tf.sum(model.apply(p, { param }, x)))(params);
    const wanted = valueAndGrad((p: Params) => {
      const weights = tree.mapWithPath(p, (path, leaf) =>
        path.endsWith('/w') ? standard(leaf as tf.Tensor) : leaf,
      );
      return tf.sum(model.apply(weights as Params, {}, x));
    })(params);
    tree
      .flatten(tree.zip(found.grads, wanted.grads))
      .forEach(([path, [a, b]]) => t.ok(far(a, b) < 1e-4, path));
  });
}

t.test('a pruning mask: pruned weights are zero, and get no gradient', async (t) => {
  const model = transform(linear(4));
  const params = model.init(key(2), x);
  const mask = tf.cast(
    tf.greater(tf.abs(tf.tensor(params.linear.w.data as Float32Array, [8, 4])), 0.2),
    'float32',
  );
  const param = (value: tf.Tensor, { path }: { readonly path: string }) =>
    path === 'linear/w' ? tf.mul(value, mask) : value;
  const { grads } = valueAndGrad((p: Params) => tf.sum(tf.square(model.apply(p, { param }, x))))(params);
  const pruned = tf.sub(1, mask);
  t.ok(tf.sum(pruned).dataSync()[0] > 0);
  t.equal(tf.max(tf.abs(tf.mul(grads.linear.w, pruned))).dataSync()[0], 0);
  t.throws(() => model.apply(params, { param: (value) => tf.slice(value, 0, 1) }, x), {
    message: /^linear: parameter 'w' was changed to shape \[1, 4\], expected \[8, 4\]$/,
  });
});

t.test('a straight-through estimator: rounded forward, unchanged backward', async (t) => {
  const rounded = lift((z: tf.Tensor) => tf.add(z, stopGradient(tf.sub(tf.round(z), z))));
  const model = transform(chain(rounded, lift(tanh)));
  const z = tf.tensor1d([0.2, 0.6, 1.7]);
  const { value, grads } = valueAndGrad((input: tf.Tensor) => tf.sum(model.apply({} as Params, {}, input)))(
    z,
  );
  const wanted = valueAndGrad((input: tf.Tensor) => tf.sum(tf.tanh(input)))(tf.tensor1d([0, 1, 2]));
  t.ok(far(value, wanted.value) < 1e-6);
  t.ok(far(grads, wanted.grads) < 1e-6);
  const nest = valueAndGrad((input: tf.Tensor) => tf.sum(tf.mul(stopGradient({ a: [input] }).a[0], input)))(
    z,
  );
  t.ok(far(nest.grads, z) < 1e-6, 'of a product with itself stopped');
});

/** Dropout at a half, in training. */
const dropped: Flow = (s, z) => (s.isTraining ? dropout(s.key(), 0.5, z) : z);

t.test('a frozen encoder evaluates while the head trains', async (t) => {
  const net = (s: Scope, z: tf.Tensor): tf.Tensor => {
    const part = (name: string) =>
      module(
        name,
        (scope) => (input: tf.Tensor) =>
          dropped(scope, batchNorm({ decayRate: 0.9 })(scope, linear(8)(scope, input))),
      );
    return part('head')(s, part('encoder')(s, z));
  };
  const model = transformWithState(net);
  const { params, state } = model.init(key(4), x);
  const isTraining = (path: string) => !path.startsWith('encoder');
  const mixed = model.apply(params, state, { key: key(5), isTraining }, x);
  const isSame = (path: string) => {
    const [before, after] = [tree.at(state, path), tree.at(mixed.state, path)].map((leaf) =>
      Array.from((leaf as { readonly data?: ArrayLike<number> }).data ?? (leaf as tf.Tensor).dataSync()),
    );
    return before.every((value, i) => value === after[i]);
  };
  const averages = tree.paths(state).filter((path) => path.endsWith('counter'));
  t.same(
    averages.map(isSame),
    averages.map((path) => path.startsWith('encoder')),
  );
  // The encoder as it evaluates, and the head as it trains with the same key.
  const encoded: tf.Tensor[] = [];
  const keepEncoded = ({ path, output }: { readonly path: string; readonly output: unknown }) =>
    void (path === 'encoder' && encoded.push(tf.keep(tf.clone(output as tf.Tensor))));
  model.apply(params, state, { observe: keepEncoded }, x);
  model.apply(params, state, { key: key(5), isTraining, observe: keepEncoded }, x);
  t.equal(far(encoded[0], encoded[1]), 0);
  t.ok(far(mixed.output, model.apply(params, state, {}, x).output) > 0.1, 'the head drops out');
});

t.test('gradients of a part, and the part put back', async (t) => {
  const net: Flow = (s, z) => linear(2, { name: 'head' })(s, tf.tanh(linear(8, { name: 'body' })(s, z)));
  const model = transform(net);
  const params = model.init(key(6), x);
  const loss = (p: Params) => tf.mean(tf.square(model.apply(p, {}, x)));
  const before = tf.memory().numTensors;
  const { value, grads } = valueAndGrad(loss, { of: /^head\// })(params);
  t.same(Object.keys(grads), ['head']);
  t.equal(tf.memory().numTensors, before + 3, 'the value and two gradients');
  const whole = valueAndGrad(loss)(params);
  t.ok(far(grads.head.w, whole.grads.head.w) < 1e-6);
  t.ok(far(value, whole.value) < 1e-6);
  const head = tree.filter(params, /^head\//);
  const trained = tree.map(
    tree.zipWith(head, grads, (p, g) =>
      tf.sub(tf.tensor(p.data as Float32Array, [...p.shape]), tf.mul(g, 0.1)),
    ),
    (leaf) => leaf,
  );
  const next: Params = tree.replace(params as Params, trained);
  t.ok(loss(next).dataSync()[0] < value.dataSync()[0]);
  t.equal(next.body, next.body);
  t.throws(() => valueAndGrad(loss, { of: /^tail/ })(params), {
    message: 'valueAndGrad: found no leaf at /^tail/; there are body/w, body/b, head/w, head/b',
  });
  t.throws(
    () => tree.replace(params as Params, { haed: { w: tf.ones([8, 2]) }, head: { b: tf.ones([3]) } }),
    {
      message:
        'replace: haed/w: found [8, 2], expected a path of the tree, such as head/w; head/b: found [3], expected [2]',
    },
  );
});

t.test('one normed decoder over two modalities, with state', async (t) => {
  const { init, apply } = transformManyWithState(
    (s) => ({
      sounds: s.declare(linear(8, { name: 'sounds' })),
      pictures: s.declare(linear(8, { name: 'pictures' })),
      norm: s.declare(batchNorm({ decayRate: 0.9 })),
      decoder: s.declare(linear(3, { name: 'decoder' })),
    }),
    {
      init:
        ({ sounds, pictures, norm, decoder }) =>
        (sound: tf.Tensor, picture: tf.Tensor) => [
          decoder(norm(sounds(sound))),
          decoder(norm(pictures(picture))),
        ],
      sound:
        ({ sounds, norm, decoder }) =>
        (sound: tf.Tensor) =>
          decoder(norm(sounds(sound))),
      picture:
        ({ pictures, norm, decoder }) =>
        (picture: tf.Tensor) =>
          decoder(norm(pictures(picture))),
    },
  );
  const picture = tf.ones([2, 4, 5]);
  const { params, state } = init(key(7), x, picture);
  t.same(Object.keys(params), ['sounds', 'batch_norm', 'decoder', 'pictures']);
  const first = apply.sound(params, state, { isTraining: true }, x);
  t.same(first.output.shape, [2, 4, 3]);
  const second = apply.picture(params, first.state, { isTraining: true }, picture);
  const counter = second.state['batch_norm/~/mean_ema'].counter as tf.Tensor;
  const started = (state['batch_norm/~/mean_ema'].counter.data as Int32Array)[0];
  t.equal(counter.dataSync()[0], started + 2, 'both applies moved one average');
});

t.test('capture sees through checkpointed layers, and once', async (t) => {
  const model = transformWithState(remat(selfAttention({ numHeads: 2 })));
  const { params } = model.init(key(8), x);
  const look = capture(model, ['self_attention/attention/weights']);
  const { captured } = await look(params, {}, {}, x);
  t.same(
    captured.map(({ value }) => value.shape),
    [[2, 2, 4, 4]],
  );
  // Within a gradient a watcher sees the same, and nothing when the layer runs again.
  const rows: number[] = [];
  const watch = { of: ['self_attention/attention/weights'], see: (shown: Shown) => rows.push(shown.rows) };
  const step = valueAndGrad((p: Params) => tf.sum(model.apply(p, {}, { watch }, x).output));
  step(params);
  t.same(rows, [4]);
});
