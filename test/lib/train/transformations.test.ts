import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray } from '../../../lib/data/array.js';
import { toHostSync } from '../../../lib/data/leaf.js';
import { flatten, map, paths, type Tree, unflatten } from '../../../lib/data/tree.js';
import { engine, tidy } from '../../../lib/engine/index.js';
import * as train from '../../../lib/train/index.js';
import { relativeError } from '../../golden/compare.js';
import { engines, nameOf } from '../engine/eachEngine.js';
import { grads, params, transformations as stored, treeOf } from './stored.js';

const tolerance = 1e-5;

const isW = /\/w$/;

const transformations: Readonly<Record<string, train.Transformation>> = {
  'adam-nesterov': train.adam(0.01, { nesterov: true }),
  'adam-eps-root': train.adam(0.01, { b1: 0.8, b2: 0.95, eps: 1e-3, epsRoot: 1e-2 }),
  'rmsprop-momentum': train.rmsprop(0.01, { momentum: 0.9, initialScale: 1 }),
  'rmsprop-centered-nesterov': train.rmsprop(0.01, {
    centered: true,
    momentum: 0.9,
    nesterov: true,
    eps: 1e-2,
  }),
  'rmsprop-eps-outside': train.rmsprop(0.01, { eps: 1e-3, epsInSqrt: false }),
  'lion-decayed': train.lion(0.01, { b1: 0.8, b2: 0.9, weightDecay: 0.1, mask: isW }),
  'adafactor-momentum': train.adafactor(0.1, {
    minDimSizeToFactor: 3,
    momentum: 0.9,
    weightDecayRate: 0.01,
    clippingThreshold: 0.5,
  }),
  'adafactor-plain': train.adafactor(0.1, {
    factored: false,
    multiplyByParameterScale: false,
    clippingThreshold: null,
  }),
  'lamb-zero-norms': train.lamb(0.01, { weightDecay: 0.1 }),
  clip: train.chain(train.clip(0.5), train.sgd(0.1)),
  ema: train.chain(train.ema({ decay: 0.9 }), train.sgd(0.1)),
  'ema-biased': train.chain(train.ema({ decay: 0.9, debias: false }), train.sgd(0.1)),
  masked: train.chain(train.masked(train.scaleByAdam(), isW), train.sgd(0.1)),
  labelled: train.labelled({ table: train.adam(0.01), rest: train.sgd(0.1, { momentum: 0.9 }) }, (path) =>
    path.startsWith('table/') ? 'table' : 'rest',
  ),
  schedule: train.sgd(
    train.exponentialDecay({ initValue: 0.1, transitionSteps: 2, decayRate: 0.5, isStaircase: true }),
  ),
  'multi-steps': train.multiSteps(train.adam(0.01), 2),
};

/** The parameters after each of some gradients. */
const run = (
  transformation: train.Transformation,
  start: Tree<HostArray> = params,
  steps: readonly Tree<HostArray>[] = grads,
): readonly Tree<HostArray>[] =>
  tidy(() => {
    let now = train.pack(start);
    let state = transformation.init(now);
    return steps.map((grad) => {
      const done = transformation.update(train.pack(grad, now.layout), state, now);
      [now, state] = [train.applyUpdates(now, done.updates), done.state];
      return map(train.unpack(now), toHostSync);
    });
  });

/** The updates for one gradient. */
const updatesOf = (transformation: train.Transformation, start: Tree<HostArray>, grad: Tree<HostArray>) =>
  tidy(() => {
    const packed = train.pack(start);
    const { updates } = transformation.update(
      train.pack(grad, packed.layout),
      transformation.init(packed),
      packed,
    );
    return map(train.unpack(updates), toHostSync);
  });

const one = (values: Readonly<Record<string, readonly number[]>>): Tree<HostArray> =>
  unflatten(Object.entries(values).map(([path, list]) => [path, float32([list.length], list)]));

const lists = (tree: Tree<HostArray>): Record<string, number[]> =>
  Object.fromEntries(flatten(tree).map(([path, { data }]) => [path, Array.from(data as Float32Array)]));

for (const options of engines) {
  t.test(`transformations give optax's numbers: ${nameOf(options)}`, async (t) => {
    await engine(options);
    t.same(Object.keys(transformations).sort(), Object.keys(stored).sort());
    for (const [name, transformation] of Object.entries(transformations)) {
      const before = tf.memory().numTensors;
      const found = run(transformation);
      t.equal(tf.memory().numTensors, before, `${name} leaves no tensor behind`);
      found.forEach((tree, i) => {
        const expected = new Map(flatten(treeOf(stored[name][i])));
        for (const [path, { data }] of flatten(tree)) {
          const error = relativeError(data as Float32Array, expected.get(path)!.data as Float32Array);
          t.ok(error <= tolerance, `${name}, update ${i}, ${path}: ${error}`);
        }
      });
    }
  });
}

t.test('on one engine', async (t) => {
  await engine();

  t.test(
    'the sum of additions in a norm does not depend on threads, nor on the order of leaves',
    async (t) => {
      const values = Float32Array.from({ length: 100_000 }, (_, i) => Math.sin(i) * 10 ** (i % 5));
      const tree = { a: { w: float32([values.length], values) }, b: { w: float32([3], [1, 2, 3]) } };
      const norms: number[] = [];
      for (const threads of [1, 2]) {
        await engine({ threads });
        for (const each of [tree, { b: tree.b, a: tree.a }])
          norms.push(tidy(() => train.globalNorm(train.pack(each)).dataSync()[0]));
      }
      t.equal(new Set(norms).size, 1);
      const exact = Math.sqrt(values.reduce((sum, value) => sum + value * value, 14));
      t.ok(Math.abs(norms[0] / exact - 1) < 1e-6);
    },
  );

  t.test('a norm that is not below the bound is scaled to it; one below it keeps its bits', async (t) => {
    const start = one({ 'a/w': [0, 0] });
    const clipped = (values: number[]) =>
      lists(updatesOf(train.clipByGlobalNorm(5), start, one({ 'a/w': values })))['a/w'];
    t.same(clipped([3, 4]), [3, 4], 'a norm of just the bound is divided by it and multiplied again');
    t.same(clipped([6, 8]), [3, 4]);
    const small = [Math.fround(0.1), Math.fround(0.7)];
    t.same(clipped(small), small);
    t.same(clipped([NaN, 1]), [NaN, NaN]);
  });

  t.test('LAMB clips before Adam, and its ratio has no bound', async (t) => {
    const start = one({ 'a/w': [1000, 0], 'b/w': [0, 0] });
    const updates = lists(updatesOf(train.lamb(1), start, one({ 'a/w': [1e-3, 0], 'b/w': [1, 1] })));
    // Adam's first update is the sign of the gradient; the ratio is then 1000 / 1, and 1 where the norm is 0.
    t.ok(Math.abs(updates['a/w'][0] + 1000) < 1);
    t.ok(Math.abs(updates['b/w'][0] + 1) < 1e-3);
    const recipe = train.chain(train.clipByGlobalNorm(1e-9), train.scaleByAdam({ eps: 1e-6 }));
    const tiny = lists(updatesOf(recipe, start, one({ 'a/w': [1, 0], 'b/w': [0, 0] })));
    // After clipping the gradient is far below epsilon, so that Adam's first update is too.
    t.ok(tiny['a/w'][0] < 2e-3 && tiny['a/w'][0] > 0);
  });

  t.test("DeepMind's decay leaves out biases and norms by name, not tables of positions", async (t) => {
    const decays = {
      'linear/w': true,
      'linear/b': false,
      'encoder/layer_norm/scale': false,
      'encoder/layer_norm_2/offset': false,
      'conv2_d_downsample/~/batchnorm/scale': false,
      'net/batch_norm/scale': true,
      'trainable_position_encoding/pos_embs': true,
      'layer_norm_block/linear/w': false,
      'bias_net/bb': true,
    };
    for (const [path, expected] of Object.entries(decays))
      t.equal(train.deepMindDecays(path), expected, path);
  });

  t.test('decay touches the leaves of its mask alone', async (t) => {
    const decay = train.addDecayedWeights(0.5, { mask: train.deepMindDecays });
    const updates = updatesOf(
      decay,
      one({ 'linear/w': [2], 'linear/b': [2] }),
      one({ 'linear/w': [1], 'linear/b': [1] }),
    );
    t.same(lists(updates), { 'linear/b': [1], 'linear/w': [2] });
  });

  t.test(
    'a schedule is asked with the count before the update, and the applied rate is logged',
    async (t) => {
      const rates: number[] = [];
      tidy(() => {
        const optimizer = train.sgd(train.linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 4 }));
        const start = train.pack(one({ 'a/w': [0] }));
        const grad = train.pack(one({ 'a/w': [1] }));
        let state = optimizer.init(start);
        for (let i = 0; i < 6; i++) {
          const done = optimizer.update(grad, state, start);
          state = done.state;
          const [applied] = train.unpack(done.updates).a.w.dataSync();
          rates.push(done.log!.learningRate.dataSync()[0]);
          t.equal(applied, 0 - rates[i]);
        }
      });
      t.same(rates, [0, 0.25, 0.5, 0.75, 1, 1]);
    },
  );

  t.test('masked transformations remember their own leaves alone', async (t) => {
    const { layout } = tidy(() => {
      const state = train.masked(train.scaleByAdam(), isW).init(train.pack(params));
      return { layout: state.innerState.mu.layout };
    });
    t.same(
      layout.slots.map(({ path }) => path),
      ['linear/w', 'table/w'],
    );
  });

  t.test('labels without a transformation, and without a leaf, are named together', async (t) => {
    const labelled = train.labelled({ head: train.sgd(1), tail: train.sgd(1) }, (path) =>
      path.startsWith('table') ? 'head' : 'body',
    );
    const message =
      "labelled: 'layer_norm/scale' has the label 'body'; 'linear/b' has the label 'body'; 'linear/w' has the label 'body'; no leaf has the label 'tail'; labels are head, tail";
    t.throws(() => tidy(() => labelled.init(train.pack(params))), { message });
  });

  t.test('rates by label are logged by label', async (t) => {
    const logged = tidy(() => {
      const labelled = train.labelled({ w: train.sgd(0.5), rest: train.sgd(0.25) }, (path) =>
        isW.test(path) ? 'w' : 'rest',
      );
      const packed = train.pack(params);
      const { log } = labelled.update(train.pack(grads[0]), labelled.init(packed), packed);
      return Object.fromEntries(Object.entries(log!).map(([name, value]) => [name, value.dataSync()[0]]));
    });
    t.same(logged, { 'w/learningRate': 0.5, 'rest/learningRate': 0.25 });
  });

  t.test('packing and unpacking give the same bits, in any order of leaves', async (t) => {
    const tree = unflatten(flatten(params).toReversed());
    const back = tidy(() => map(train.unpack(train.pack(tree)), toHostSync));
    t.same(paths(back), [...paths(params)].sort());
    for (const [path, { data, shape }] of flatten(back)) {
      t.same(data, flatten(params).find(([own]) => own === path)![1].data);
      t.same(shape, flatten(params).find(([own]) => own === path)![1].shape);
    }
  });

  t.test('leaves that cannot be trained are named', async (t) => {
    const wrong = { a: { ids: { shape: [2], dtype: 'int32', data: new Int32Array(2) } } } as const;
    t.throws(() => train.layoutOf(wrong), {
      message: 'only arrays of floats with elements can be trained; a/ids is int32 [2]',
    });
    t.throws(() => train.layoutOf({}), /nothing to train/);
    t.throws(
      () => tidy(() => train.pack({ a: { v: float32([1], [1]) } }, train.layoutOf(one({ 'a/w': [1] })))),
      {
        message: "there is no leaf 'a/w'",
      },
    );
    t.throws(() => tidy(() => train.pack(one({ 'a/w': [1, 2] }), train.layoutOf(one({ 'a/w': [1] })))), {
      message: "leaf 'a/w' is [2], expected [1]",
    });
  });

  t.test('fifty leaves take as many operations as one', async (t) => {
    const treeOfSize = (leaves: number): Tree<HostArray> =>
      unflatten(
        Array.from({ length: leaves }, (_, i) => [
          `layer_${i}/w`,
          float32([5100 / leaves], new Float32Array(5100 / leaves).fill(i + 1)),
        ]),
      );
    const operations = async (transformation: train.Transformation, leaves: number): Promise<number> => {
      const run_ = () => {
        const now = train.pack(treeOfSize(leaves));
        const state = transformation.init(now);
        return tf.profile(() => {
          const { updates } = transformation.update(train.pack(treeOfSize(leaves), now.layout), state, now);
          train.unpack(updates);
          return tf.scalar(0);
        });
      };
      tf.engine().startScope();
      const { kernels } = await run_();
      tf.engine().endScope();
      return kernels.length;
    };
    for (const name of ['adam-nesterov', 'lamb-zero-norms', 'rmsprop-momentum', 'lion-decayed', 'clip'])
      t.equal(await operations(transformations[name], 51), await operations(transformations[name], 1), name);
  });

  t.test('an update reads no value: it runs where there are only shapes', async (t) => {
    const { withoutData } = await import('../../../lib/engine/index.js');
    for (const [name, transformation] of Object.entries(transformations)) {
      const shape = withoutData(() => {
        const now = train.pack(params);
        const { updates } = transformation.update(train.pack(grads[0]), transformation.init(now), now);
        return train.unpack(updates).table.w.shape;
      });
      t.same(shape, [2, 5, 3], name);
    }
  });
});

t.test('options out of their ranges are refused where they are given', async (t) => {
  const refused: readonly (readonly [() => unknown, string])[] = [
    [
      () => train.adam(-1),
      'scaleByLearningRate: the learning rate is -1, expected a number from 0, or a schedule',
    ],
    [
      () => train.sgd(NaN),
      'scaleByLearningRate: the learning rate is NaN, expected a number from 0, or a schedule',
    ],
    [() => train.sgd(undefined as never), 'the learning rate is undefined'],
    [() => train.adam(1, { b1: 2 }), 'scaleByAdam: b1 is 2, expected a number from 0, below 1'],
    [
      () => train.adam(1, { b2: 1, eps: -1 }),
      'b2 is 1, expected a number from 0, below 1; eps is -1, expected',
    ],
    [
      () => train.adamw(1, { weightDecay: -1 }),
      'addDecayedWeights: weightDecay is -1, expected a number from 0',
    ],
    [() => train.sgd(1, { momentum: 1.5 }), 'trace: decay is 1.5, expected a number from 0 to 1'],
    [() => train.lion(1, { b2: NaN }), 'scaleByLion: b2 is NaN, expected a number from 0, below 1'],
    [() => train.rmsprop(1, { decay: -1 }), 'scaleByRms: decay is -1, expected a number from 0, below 1'],
    [
      () => train.rmsprop(1, { centered: true, eps: NaN }),
      'scaleByStddev: eps is NaN, expected a number from 0',
    ],
    [
      () => train.adafactor(1, { decayRate: 0 }),
      'scaleByFactoredRms: decayRate is 0, expected a number above 0',
    ],
    [
      () => train.adafactor(1, { clippingThreshold: 0 }),
      'clipByBlockRms: threshold is 0, expected a number above 0',
    ],
    [() => train.clipByGlobalNorm(-1), 'clipByGlobalNorm: maxNorm is -1, expected a number above 0'],
    [() => train.clip(NaN), 'clip: maxDelta is NaN, expected a number above 0'],
    [() => train.ema({ decay: 1 }), 'ema: decay is 1, expected a number from 0, below 1'],
    [() => train.scale(NaN), 'scale: factor is NaN, expected a finite number'],
    [() => train.scaleByTrustRatio({ eps: -1 }), 'scaleByTrustRatio: eps is -1, expected a number from 0'],
    [() => train.multiSteps(train.sgd(1), 0), 'multiSteps: everyK is 0, expected a whole number from 1'],
  ];
  for (const [make, message] of refused) t.throws(make, message);
  t.ok(train.clipByGlobalNorm(Infinity));
});
