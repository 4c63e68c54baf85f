import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32 } from '../../../lib/data/array.js';
import { isTensor, type Params, toHostSync } from '../../../lib/data/leaf.js';
import { at, flatten, map, paths, type Tree } from '../../../lib/data/tree.js';
import { engine, tidy, withoutData } from '../../../lib/engine/index.js';
import { transform, transformWithState } from '../../../lib/language/transform.js';
import { chain, lift } from '../../../lib/language/combinators/index.js';
import { ones } from '../../../lib/language/initializers.js';
import { module } from '../../../lib/language/module.js';
import { foldIn, type Key, key, normal, split } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';
import { batchNorm, linear } from '../../../modules/index.js';
import { onEachEngine } from '../engine/eachEngine.js';

interface Batch {
  readonly x: HostArray;
  readonly y: HostArray;
}

const batchOf = (n: number, from: Key = key(1)): Batch => {
  const x = normal(from, [n, 3]);
  const y = Float32Array.from({ length: n }, (_, i) => x.data[3 * i] - 2 * x.data[3 * i + 1] + 0.5);
  return { x, y: float32([n, 1], y) };
};

const network = chain(
  linear(5),
  lift((x: tf.Tensor) => tf.tanh(x)),
  linear(1),
);

const model = transform(network);

const loss: train.Loss<Batch> = ({ params }, { x, y }, options) =>
  train.weighted(train.l2Loss(model.apply(params, options, x as tf.Tensor2D), y));

const start = (): Params<HostArray> => model.init(key(0), { shape: [2, 3] });

const hosts = (tree: Tree<HostArray | tf.Tensor>): Tree<HostArray> =>
  map(tree, (leaf) => (isTensor(leaf) ? toHostSync(leaf) : leaf));

const bits = (tree: Tree<HostArray | tf.Tensor>): Record<string, number[]> =>
  Object.fromEntries(
    flatten(hosts(tree)).map(([path, { data }]) => [
      path,
      [...new Uint32Array(Float32Array.from(data as Float32Array).buffer)],
    ]),
  );

const furthest = (a: Tree<HostArray>, b: Tree<HostArray>): number =>
  Math.max(
    ...flatten(a).flatMap(([path, { data }]) =>
      Array.from(data as Float32Array, (value, i) =>
        Math.abs(value - ((at(b, path) as HostArray).data[i] as number)),
      ),
    ),
  );

const run = <S extends train.OptimizerState>(
  step: train.TrainStep<Batch, S>,
  first: train.TrainState<S>,
  steps: number,
  batch: (i: number) => Batch = () => batchOf(16),
) => {
  let state = first;
  let metrics: train.StepMetrics = {};
  for (let i = 0; i < steps; i++) ({ state, metrics } = step(state, batch(i)));
  return { state, metrics };
};

t.test('a thousand steps leave tensors and bytes where they were, and learn', async (t) => {
  await engine();
  const step = train.trainStep(loss, train.chain(train.clipByGlobalNorm(1), train.adamw(0.01)), {
    ema: { decay: 0.9, start: 'zeros' },
  });
  const { numTensors, numBytes } = tf.memory();
  const params = start();
  const batch = batchOf(16);
  let { state, metrics } = run(step, step.init({ params }, key(0)), 2, () => batch);
  const first = (await train.readMetrics(metrics)).loss;
  const during = tf.memory();
  ({ state, metrics } = run(step, state, 1000, () => batch));
  t.equal(tf.memory().numTensors, during.numTensors);
  t.equal(tf.memory().numBytes, during.numBytes);
  t.ok((await train.readMetrics(metrics)).loss < first / 100);
  t.equal(train.stepOf(state), 1002);
  train.freeTrainState(state);
  t.same([tf.memory().numTensors, tf.memory().numBytes], [numTensors, numBytes]);
});

t.test('metrics: the mean loss, the norm before clipping, the applied rate', async (t) => {
  await engine();
  const step = train.trainStep(loss, train.chain(train.clipByGlobalNorm(1e-3), train.sgd(0.25)));
  const { state, metrics } = step(step.init({ params: start() }, key(0)), batchOf(16));
  const read = await train.readMetrics(metrics);
  t.same(Object.keys(read), ['loss', 'weight', 'gradientNorm', 'learningRate', 'isFinite']);
  t.equal(read.weight, 16);
  t.equal(read.learningRate, 0.25);
  t.equal(read.isFinite, 1);
  t.ok(read.gradientNorm > 1e-2);
  train.freeTrainState(state);
});

t.test('a state is donated by handing it on; one that the caller made stays', async (t) => {
  await engine();
  const step = train.trainStep(loss, train.adam(0.01));
  const params = start();
  const before = bits(params);
  const first = step.init({ params }, key(0));
  const { state } = step(first, batchOf(4));
  t.throws(() => step(first, batchOf(4)), /handed to a step before, which freed it/);
  await t.rejects(train.weightsOf(first), /use the state that the step returned/);
  const { params: trained } = await train.weightsOf(state);
  const optimizer = tidy(() => step.init({ params: trained }, key(0)).optimizer);
  t.same(bits(params), before, 'the parameters that it began with are as they were');
  t.ok(optimizer);
  const mine: typeof state = { ...state };
  const { state: after } = step(mine, batchOf(4));
  const { state: again } = step(mine, batchOf(4));
  t.same(bits(after.params), bits(again.params), 'a step is a function of its state');
  [state, after, again].forEach(train.freeTrainState);
});

t.test('a step that throws leaves its state as it was', async (t) => {
  await engine();
  let isBroken = true;
  const broken: train.Loss<Batch> = (weights, batch, options) => {
    if (isBroken) throw new Error('broken');
    return loss(weights, batch, options);
  };
  const step = train.trainStep(broken, train.adam(0.01));
  const { numTensors } = tf.memory();
  const first = step.init({ params: start() }, key(0));
  t.throws(() => step(first, batchOf(4)), /broken/);
  isBroken = false;
  const { state } = step(first, batchOf(4));
  t.equal(train.stepOf(state), 1);
  train.freeTrainState(state);
  t.equal(tf.memory().numTensors, numTensors);
});

t.test('ragged micro-batches give the update of one batch', async (t) => {
  await onEachEngine((name) => {
    const params = start();
    const batch = batchOf(17);
    const trained = [1, 2, 5, 17].map((microBatches) => {
      const step = train.trainStep(loss, train.chain(train.clipByGlobalNorm(0.5), train.adam(0.01)), {
        microBatches,
      });
      const { state } = run(step, step.init({ params }, key(0)), 5, () => batch);
      const found = hosts(state.params);
      train.freeTrainState(state);
      return found;
    });
    for (const other of trained.slice(1)) t.ok(furthest(trained[0], other) < 1e-6, name);
  });
});

t.test('weights of examples are added up over micro-batches before anything is divided', async (t) => {
  await engine();
  interface Weighted extends Batch {
    readonly weights: HostArray;
  }
  const weightedLoss: train.Loss<Weighted> = ({ params }, { x, y, weights }, options) =>
    train.weighted(train.l2Loss(model.apply(params, options, x as tf.Tensor2D), y), weights);
  const batch = { ...batchOf(6), weights: float32([6], [1, 0, 0.5, 1, 0, 0]) };
  const params = start();
  const [whole, parts] = [1, 3].map((microBatches) => {
    const step = train.trainStep(weightedLoss, train.sgd(0.1), { microBatches });
    const { state, metrics } = step(step.init({ params }, key(0)), batch);
    const found = { params: hosts(state.params), weight: metrics.weight.dataSync()[0] };
    train.freeTrainState(state);
    return found;
  });
  t.equal(whole.weight, 2.5);
  t.equal(parts.weight, 2.5);
  t.ok(furthest(whole.params, parts.params) < 1e-6);
});

t.test('keys: a step takes the first half of its key, micro-batch i the i-th key of that', async (t) => {
  await engine();
  const seen: string[] = [];
  const watching: train.Loss<Batch> = (weights, batch, options) => {
    seen.push(options.key.words.join());
    return loss(weights, batch, options);
  };
  const words = (keys: readonly Key[]): string[] => keys.map((each) => each.words.join());
  const [stepKey, next] = split(key(7));
  const one = train.trainStep(watching, train.sgd(0.1));
  const { state } = run(one, one.init({ params: start() }, key(7)), 2);
  t.same(seen.splice(0), words([stepKey, split(next)[0]]));
  train.freeTrainState(state);
  const three = train.trainStep(watching, train.sgd(0.1), { microBatches: 3 });
  train.freeTrainState(run(three, three.init({ params: start() }, key(7)), 1).state);
  t.same(seen.splice(0), words(split(stepKey, 3)));
  const jaxline = train.trainStep(watching, train.sgd(0.1), {
    nextKeys: (from) => {
      const [own, rest] = split(from);
      return [foldIn(foldIn(own, 0), 0), rest];
    },
  });
  train.freeTrainState(run(jaxline, jaxline.init({ params: start() }, key(7)), 1).state);
  t.same(seen, words([foldIn(foldIn(stepKey, 0), 0)]));
});

t.test(
  'frozen leaves keep their bits through decay and momentum, and have no part in the norm',
  async (t) => {
    await engine();
    const optimizer = train.chain(
      train.clipByGlobalNorm(1),
      train.trace({ decay: 0.9 }),
      train.addDecayedWeights(0.1),
      train.sgd(0.05),
    );
    const step = train.trainStep(loss, optimizer, { freeze: /^linear\// });
    const params = start();
    const { state, metrics } = run(step, step.init({ params }, key(0)), 100);
    const after = bits(state.params);
    const before = bits(params);
    for (const path of paths(params))
      (path.startsWith('linear/') ? t.same : t.notSame)(after[path], before[path], path);
    const [, momentum] = state.optimizer;
    t.same(
      (momentum as { trace: train.Leaves }).trace.layout.slots.map(({ path }) => path),
      ['linear_1/b', 'linear_1/w'],
    );
    t.ok(metrics.gradientNorm.dataSync()[0] < 10);
    train.freeTrainState(state);
    const all = train.trainStep(loss, optimizer, { freeze: /./ });
    t.throws(() => all.init({ params }, key(0)), /nothing trains: freeze selects all/);
  },
);

t.test('frozen batch norm uses its averages, and does not update them', async (t) => {
  await engine();
  const normed = transformWithState(chain(linear(4), batchNorm({ decayRate: 0.5 }), linear(1)));
  const first = batchOf(8);
  const x = tf.tensor2d(first.x.data as Float32Array, [8, 3]);
  const y = tf.tensor2d(first.y.data as Float32Array, [8, 1]);
  const weights = normed.init(key(3), tf.tensor2d(batchOf(8, key(9)).x.data as Float32Array, [8, 3]));
  const lossOf: train.Loss<Batch> = ({ params, state }, batch, options) => {
    const { output, state: after } = normed.apply(params, state, options, batch.x as tf.Tensor2D);
    return { ...train.weighted(train.l2Loss(output, batch.y)), state: after };
  };
  const firstLoss = (isTraining: boolean): number =>
    tidy(
      () =>
        tf
          .mean(train.l2Loss(normed.apply(weights.params, weights.state, { isTraining }, x).output, y))
          .dataSync()[0],
    );
  const freezes = {
    none: undefined,
    scale: ['batch_norm/scale'],
    all: /^batch_norm/,
    leaves: ['batch_norm/scale', 'batch_norm/offset'],
  };
  const results = Object.entries(freezes).map(([name, freeze]) => {
    const step = train.trainStep(lossOf, train.sgd(0.1), { freeze });
    const { state: after, metrics } = step(step.init(weights, key(0)), first);
    const loss_ = metrics.loss.dataSync()[0];
    const { state } = run(step, after, 3, (i) => batchOf(8, key(10 + i)));
    const found = [name, { state: bits(state.state), loss: loss_ }] as const;
    train.freeTrainState(state);
    return found;
  });
  const { none, scale, all, leaves } = Object.fromEntries(results);
  for (const free of [none, scale]) {
    t.notSame(free.state, bits(weights.state));
    t.ok(Math.abs(free.loss - firstLoss(true)) < 1e-6);
  }
  for (const frozen of [all, leaves]) {
    t.same(frozen.state, bits(weights.state));
    t.ok(Math.abs(frozen.loss - firstLoss(false)) < 1e-6);
  }
  t.ok(Math.abs(firstLoss(true) - firstLoss(false)) > 1e-3);
});

t.test('a step that is not finite keeps the old state, and the place is found', async (t) => {
  await engine();
  const step = train.trainStep(loss, train.adam(0.01), {
    microBatches: 2,
    ema: { decay: 0.5, start: 'copy' },
  });
  const { state: before } = step(step.init({ params: start() }, key(0)), batchOf(4));
  const kept = { params: bits(before.params), mu: bits({ m: { mu: before.optimizer[0].mu.matrix } }) };
  const batch = batchOf(4);
  const broken = { ...batch, y: float32([4, 1], [0, 0, 0, Infinity]) };
  const stepKey = split({ mode: 'partitionable', words: [before.key.data[0], before.key.data[1]] })[0];
  const { state, metrics } = step(before, broken);
  t.equal((await train.readMetrics(metrics)).isFinite, 0);
  t.same(bits(state.params), kept.params);
  t.same(bits({ m: { mu: state.optimizer[0].mu.matrix } }), kept.mu);
  t.equal(train.stepOf(state), 1);
  const inBatch = await train.findNotFinite(step, state, broken, stepKey);
  t.same(inBatch, { microBatch: 1, kind: 'batch', path: 'y' });
  t.equal(await train.findNotFinite(step, state, batch, stepKey), undefined);
  train.freeTrainState(state);
});

t.test('the first module that gives what is not finite is named', async (t) => {
  await engine();
  const inverse = module('inverse', () => (x: tf.Tensor) => tf.div(1, x));
  const scaled = module('scaled', (s) => (x: tf.Tensor) => tf.mul(x, s.param('scale', [], ones)));
  const program = chain(linear(2, { withBias: false }), inverse, scaled);
  const bad = transform(program);
  const badLoss: train.Loss<Batch> = ({ params }, { x }, options) =>
    train.weighted(bad.apply(params, options, x as tf.Tensor2D));
  const params = {
    linear: { w: float32([3, 2], [0, 1, 0, 1, 0, 1]) },
    scaled: { scale: float32([], [1]) },
  } as unknown as Params;
  const step = train.trainStep(badLoss, train.sgd(0.1));
  const { numTensors } = tf.memory();
  const first = step.init({ params }, key(0));
  const found = await train.findNotFinite(step, first, batchOf(4), key(0));
  t.same(found, { kind: 'output', path: 'inverse', method: 'call' });
  t.equal(
    train.showNotFinite(found!),
    "the output of module 'inverse' is the first number that is not finite",
  );
  train.freeTrainState(first);
  t.equal(tf.memory().numTensors, numTensors);
  const root: train.Loss<Batch> = ({ params: own }, { x }, options) =>
    train.weighted(
      tf.sqrt(
        tf.sub(
          tf.square(model.apply(own, options, x as tf.Tensor2D)),
          tf.square(model.apply(own, options, x as tf.Tensor2D)),
        ),
      ),
    );
  const steep = train.trainStep(root, train.sgd(0.1));
  const state = steep.init({ params: start() }, key(0));
  const rising = await train.findNotFinite(steep, state, batchOf(4), key(0));
  t.match(rising, { kind: 'gradient', path: /^linear_1\// });
  train.freeTrainState(state);
});

t.test('averages of parameters: from zeros and corrected, or from a copy', async (t) => {
  await engine();
  for (const start_ of ['zeros', 'copy'] as const) {
    const params = start();
    const step = train.trainStep(loss, train.sgd(0.1), {
      ema: { decay: 0.75, start: start_ },
      freeze: ['linear/b'],
    });
    let state = step.init({ params }, key(0));
    let [expected, weight] = start_ === 'copy' ? [hosts(params).linear.w.data[0] as number, 1] : [0, 0];
    for (let i = 0; i < 4; i++) {
      ({ state } = step(state, batchOf(8)));
      expected = 0.75 * expected + 0.25 * (hosts(state.params).linear.w.data[0] as number);
      weight = 0.75 * weight + 0.25;
    }
    const averaged = step.averaged(state);
    t.ok(Math.abs((averaged.linear.w.dataSync()[0] as number) - expected / weight) < 1e-6, start_);
    t.same(bits({ linear: { b: averaged.linear.b } }), bits({ linear: { b: params.linear.b } }));
    tf.dispose(flatten(averaged).map(([, leaf]) => leaf));
    train.freeTrainState(state);
  }
  const without = train.trainStep(loss, train.sgd(0.1));
  const state = without.init({ params: start() }, key(0));
  t.throws(() => without.averaged(state), /made without the option 'ema'/);
  train.freeTrainState(state);
});

t.test('a step reads no value: all of it runs where there are only shapes', async (t) => {
  await engine();
  const step = train.trainStep(loss, train.chain(train.clipByGlobalNorm(1), train.lamb(0.01)), {
    microBatches: 2,
    ema: { decay: 0.9, start: 'zeros' },
  });
  const shapes = withoutData(() => {
    const { state, metrics } = step(step.init({ params: start() }, key(0)), batchOf(4));
    return [state.params.linear.w.shape, state.step.shape, metrics.loss.shape];
  });
  t.same(shapes, [[3, 5], [], []]);
});

t.test('metrics of the loss are sums and weights', async (t) => {
  await engine();
  const counting: train.Loss<Batch> = (weights, batch, options) => ({
    ...loss(weights, batch, options),
    metrics: {
      above: { sum: tf.sum(tf.cast(tf.greater(batch.y, 0), 'float32')), weight: tf.scalar(batch.y.size) },
    },
  });
  const step = train.trainStep(counting, train.sgd(0.1), { microBatches: 2 });
  const batch = { ...batchOf(3), y: float32([3, 1], [1, -1, 1]) };
  const { state, metrics } = step(step.init({ params: start() }, key(0)), batch);
  t.ok(Math.abs(metrics.above.dataSync()[0] - 2 / 3) < 1e-6);
  train.freeTrainState(state);
});

t.test('integers of a batch arrive as int32', async (t) => {
  await engine();
  interface Ids {
    readonly ids: HostArray;
  }
  let seen = '';
  const step = train.trainStep<Ids, train.OptimizerState>(({ params }, { ids }) => {
    seen = ids.dtype;
    return train.weighted(tf.gather(params.table.w as tf.Tensor, ids as tf.Tensor1D));
  }, train.sgd(0.1));
  const params = { table: { w: float32([4, 2], new Float32Array(8)) } } as unknown as Params;
  const { state } = step(step.init({ params }, key(0)), { ids: int32([2], [1, 3]) });
  t.equal(seen, 'int32');
  t.same(
    [...hosts(state.params).table.w.data].map((value) => Math.fround(value as number)),
    [0, 0, -0.025, -0.025, 0, 0, -0.025, -0.025].map(Math.fround),
  );
  train.freeTrainState(state);
});
