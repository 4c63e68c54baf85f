/** Fine-tuning: rates by path, low-rank adapters and the table of what trains. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray } from '../../../lib/data/array.js';
import { type Params, toHostSync, toTensor } from '../../../lib/data/leaf.js';
import { at, map, paths, type Selection } from '../../../lib/data/tree.js';
import { engine } from '../../../lib/engine/index.js';
import { chain, lift, remat } from '../../../lib/language/combinators/index.js';
import { transform } from '../../../lib/language/transform.js';
import { exportOnnx } from '../../../lib/onnx/index.js';
import { key, normal } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';
import { linear } from '../../../modules/index.js';

interface Batch {
  readonly x: HostArray;
  readonly y: HostArray;
}

const network = chain(
  remat(linear(8)),
  lift((x: tf.Tensor) => tf.tanh(x)),
  linear(2),
);
const model = transform(network);
const params = model.init(key(0), { shape: [4, 6] });
const batch: Batch = { x: normal(key(1), [16, 6]), y: normal(key(2), [16, 2]) };

const loss: train.Loss<Batch> = (weights, { x, y }, options) =>
  train.weighted(train.l2Loss(model.apply(weights.params, options, x as tf.Tensor2D), y));

const moved = (after: Params<HostArray>, path: string): number[] => {
  const [a, b] = [at(after, path) as HostArray, at(params, path) as HostArray];
  return Array.from(a.data as Float32Array, (value, i) => value - Number(b.data[i]));
};

t.before(() => engine());

t.test('a factor on a path is its share of the rate', async (t) => {
  const after = async (rates: train.Rates) => {
    const step = train.trainStep(loss, train.chain(train.lamb(0.1), train.scaleByPath(rates)));
    const { state } = step(step.init({ params }, key(3)), batch);
    const weights = await train.weightsOf(state);
    train.freeTrainState(state);
    return weights.params;
  };
  const [whole, part] = [await after([]), await after([[/^linear\//, 0.25]])];
  const [first, second] = [moved(whole, 'linear/w'), moved(part, 'linear/w')];
  t.ok(first.every((x) => x !== 0));
  first.forEach((x, i) => t.ok(Math.abs(second[i] - x / 4) < 1e-6));
  t.same(moved(part, 'linear_1/w'), moved(whole, 'linear_1/w'), 'others learn as before');
  await t.rejects(
    after([[['linear/v'], 1]]),
    /scaleByPath: 'linear\/v' is no leaf: did you mean 'linear\/[wb]'/,
  );
  await t.rejects(after([[/w/, -1]]), /the factor of \/w\/ is -1, expected a number/);
});

t.test('adapters alone learn, and merged they give the same outputs', async (t) => {
  const adapters = train.lora({ of: /^linear(_1)?\/w$/, rank: 2, alpha: 4 });
  const run = (tree: Params<HostArray>, options = {}) => {
    const x = tf.tensor2d(batch.x.data as Float32Array, [16, 6]);
    return toHostSync(model.apply(tree, options, x)).data as Float32Array;
  };
  const begun = adapters.init(params, key(5));
  t.same(
    paths(begun),
    ['linear/w', 'linear/b', 'linear/lora_a', 'linear/lora_b'].concat([
      'linear_1/w',
      'linear_1/b',
      'linear_1/lora_a',
      'linear_1/lora_b',
    ]),
  );
  t.same(run(begun, { param: adapters.param(begun) }), run(params), 'nothing changes at first');

  const freeze = train.allBut(adapters.isAdapter);
  const step = train.trainStep(adapters.loss(loss), train.adam(0.02), { freeze });
  let state = step.init({ params: begun }, key(4));
  const losses: number[] = [];
  for (let i = 0; i < 60; i++) {
    const result = step(state, batch);
    state = result.state;
    losses.push((await train.readMetrics(result.metrics)).loss);
  }
  t.ok(losses[59] < losses[0] * 0.6, `${losses[0]} falls to ${losses[59]}`);
  const trained = (await train.weightsOf(state)).params;
  train.freeTrainState(state);
  for (const path of ['linear/w', 'linear/b', 'linear_1/w', 'linear_1/b'])
    t.same(at(trained, path), at(params, path), `${path} stays as it is`);
  // Under remat, too, the gradient reaches both factors.
  for (const path of ['linear/lora_a', 'linear/lora_b'])
    t.notSame(at(trained, path), at(begun, path), `${path} learned`);

  const merged = adapters.merge(trained);
  t.same(paths(merged), paths(params));
  const [hooked, plain] = [run(trained, { param: adapters.param(trained) }), run(merged)];
  hooked.forEach((value, i) => t.ok(Math.abs(value - plain[i]) < 1e-5));
  t.throws(
    () => train.lora({ of: /b$/, rank: 1 }).init(params, key(0)),
    /found linear\/b \[8\].*expected matrices named w/,
  );
  t.throws(() => train.lora({ of: /none/, rank: 1 }).init(params, key(0)), /none of the leaves/);
  t.throws(() => train.lora({ of: /w/, rank: 0 }), /rank is 0, expected a whole number from 1/);
});

t.test('an evaluation in the loop is of the adapters, and nothing leaves them out in silence', async (t) => {
  const adapters = train.lora({ of: /w$/, rank: 2, alpha: 4 });
  const step = train.trainStep(adapters.loss(loss), train.adam(0.02), {
    freeze: train.allBut(adapters.isAdapter),
    ema: { decay: 0.5, start: 'copy' },
  });
  const error = (run: train.EvaluationOptions<Batch, tf.Tensor>['run']) =>
    train.evaluation({
      data: { length: 1, at: async () => batch },
      run,
      figures: (found, { y }) => ({
        error: train.metrics.mean(
          float32(
            [y.data.length],
            Array.from(found.data as Float32Array, (value, i) => (value - Number(y.data[i])) ** 2),
          ),
        ),
      }),
    });
  const own = error(({ params: tree }, { x }, how) => model.apply(tree, how, x as tf.Tensor2D));
  const options = {
    step,
    state: () => step.init({ params: adapters.init(params, key(5)) }, key(4)),
    data: { at: async () => batch },
    key: key(0),
    numSteps: 4,
  };
  const events = [];
  for await (const event of train.train({
    ...options,
    state: options.state(),
    evaluate: { every: 4, run: own },
  }))
    events.push(event);
  const [evaluated, ended] = events.slice(-2) as [
    Extract<train.TrainEvent, { kind: 'evaluated' }>,
    Extract<train.TrainEvent, { kind: 'ended' }>,
  ];
  const weights = (tree: Params<HostArray>) => ({
    params: map(tree, toTensor) as Params<tf.Tensor>,
    state: {},
  });
  const merged = await own(weights(adapters.merge(ended.weights.params)));
  t.ok(Math.abs(evaluated.raw.error - merged.error) < 1e-6);
  t.ok(evaluated.raw.error < (await own(weights(params))).error);
  t.ok(
    Math.abs(evaluated.ema!.error - (await own(weights(adapters.merge(ended.averaged!.params)))).error) <
      1e-6,
  );
  await t.rejects(
    own(weights(ended.weights.params)),
    /evaluation: the parameters have low-rank adapters, 4 leaves such as 'linear\/lora_a'.*give the hook/,
  );
  const deaf = error(({ params: tree }, { x }) => model.apply(tree, {}, x as tf.Tensor2D));
  const ofDeaf = async () => {
    const all = train.train({ ...options, state: options.state(), evaluate: { every: 1, run: deaf } });
    for await (const _ of all);
  };
  await t.rejects(
    ofDeaf(),
    /step 1, evaluation: batch 0: the evaluation leaves the adapters out: `run` has to/,
  );
  t.throws(
    () => exportOnnx(network, ended.weights, [{ shape: ['batch', 6] }]),
    /exportOnnx: the parameters have low-rank adapters.*merge them before/,
  );
  t.throws(
    () => adapters.init(ended.weights.params, key(6)),
    /lora, init: the parameters have adapters already/,
  );
  const without = train.trainStep(loss, train.adam(0.02), { freeze: train.allBut(adapters.isAdapter) });
  t.throws(
    () => without.init({ params: adapters.init(params, key(5)) }, key(4)),
    /trainStep: the parameters have low-rank adapters, 4 leaves such as 'linear\/lora_a'.*give `adapters.loss/,
  );
});

t.test('a selection of nothing is refused wherever leaves are selected', async (t) => {
  const init = (freeze: Selection) =>
    train.trainStep(loss, train.sgd(0.1), { freeze }).init({ params }, key(0));
  t.throws(
    () => init(['linear/x']),
    /trainStep: freeze: 'linear\/x' is no leaf: did you mean 'linear\/[wb]'/,
  );
  t.throws(() => init(['linear']), /'linear' is a module: \/\^linear\\\/\/ selects its leaves/);
  t.throws(() => init(['linear/w', 'linear/zzz']), /'linear\/zzz' is no leaf/);
  t.throws(() => init(/zzz/), /\/zzz\/ selects none of the leaves, such as linear/);
  t.throws(() => init(() => false), /the function selects none of the leaves/);
  t.throws(() => init(train.allBut(/zzz/)), /\/zzz\/ selects none of the leaves/);
  for (const nothing of [[], train.allBut(/./)]) train.freeTrainState(init(nothing));
  const decaying = (mask: Selection) => train.trainStep(loss, train.adamw(0.1, { mask }));
  t.throws(() => decaying(/zzz/).init({ params }, key(0)), /addDecayedWeights: mask: \/zzz\/ selects none/);
  train.freeTrainState(decaying(() => false).init({ params }, key(0)));
  t.throws(
    () => train.trainStep(loss, train.masked(train.sgd(1), /zzz/)).init({ params }, key(0)),
    /masked: \/zzz\/ selects none/,
  );
  const text = /found the text 'linear\/w', expected a selection of leaves: a list of paths, \['linear\/w'\]/;
  t.throws(() => train.trainStep(loss, train.sgd(0.1), { freeze: 'linear/w' as never }), text);
  t.throws(() => train.lora({ of: 'linear/w' as never, rank: 1 }), text);
  t.throws(
    () => init(/./),
    /nothing trains: freeze selects all 4 leaves .* as allBut\(\/\^decoder\\\/\/\) does/,
  );
  t.throws(() => train.showTrained(params, { freeze: /zzz/ }), /freeze: \/zzz\/ selects none/);
  t.throws(() => train.showTrained(params, { rates: [[/zzz/, 1]] }), /rates: \/zzz\/ selects none/);
});

t.test('factors and ranks that no training can have are refused at the call', (t) => {
  for (const factor of [-1, NaN, '2'])
    t.throws(() => train.scaleByPath([[/w/, factor as number]]), /scaleByPath: the factor of \/w\/ is/);
  t.throws(() => train.scaleByPath({ w: 1 } as never), /expected pairs of leaves and a factor/);
  t.throws(() => train.lora({ of: /w$/, rank: 0 }), {
    message: 'lora: rank is 0, expected a whole number from 1',
  });
  t.throws(
    () => train.lora({ of: ['linear/w'], rank: 7 }).init(params, key(0)),
    /lora: rank is 7, expected at most 6, the rank that linear\/w \[6, 8\] itself can have/,
  );
  t.end();
});

t.test('what is no transformation, loss or schedule is refused where it is given', (t) => {
  const adam = train.adam(0.1);
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => train.trainStep(undefined as never, adam), /the loss is of type undefined, expected a function/],
    [
      () => train.trainStep(adam as never, loss as never),
      /the loss is of type object, .*: the loss comes first/,
    ],
    [
      () => train.trainStep(loss, train.adam as never),
      /trainStep: found a function: call it, as in adam\(1e-3\)/,
    ],
    [() => train.chain(train.adam as never), /chain: found a function: call it/],
    [
      () => train.masked(undefined as never, /w/),
      /masked: found of type undefined, expected a transformation/,
    ],
    [() => train.labelled({ a: 3 as never }, () => 'a'), /labelled: 'a': found of type number/],
    [() => train.multiSteps(null as never, 2), /multiSteps: found null/],
    [() => train.scaleBySchedule(3 as never), /scaleBySchedule: a schedule is of type number/],
    [() => train.joinSchedules([3 as never], []), /joinSchedules: a schedule is of type number/],
    [() => train.valuesOf((() => 0.1) as never, [0]), /a schedule gave a value that is of type number, 0.1/],
  ];
  for (const [f, message] of wrong) t.throws(f, message);
  t.end();
});

t.test('the table shows parts as large as their leaves are treated alike', async (t) => {
  const leaf = float32([2, 3], new Float32Array(6));
  const tree = { 'encoder/a': { w: leaf, b: leaf }, 'encoder/b': { w: leaf }, decoder: { w: leaf, b: leaf } };
  t.same(train.trainedParts(tree, { freeze: /^encoder\//, rates: [[/b$/, 2]] }), [
    { path: 'encoder', leaves: 3, parameters: 18, rate: 0 },
    { path: 'decoder/w', leaves: 1, parameters: 6, rate: 1 },
    { path: 'decoder/b', leaves: 1, parameters: 6, rate: 2 },
  ]);
  t.equal(
    train.showTrained(tree, { freeze: train.allBut(/^decoder/) }),
    'part     parameters\nencoder          18  frozen\ndecoder          12  trains\nall              30  12 train',
  );
  const layer = { w: leaf, lora_a: leaf };
  const numbered = { 'a/~/self_1/linear': layer, 'a/~/self_1/linear_1': layer, 'a/~/self/linear_2': layer };
  t.same(
    train.trainedParts(numbered, { freeze: /w$/ }).map(({ path, leaves }) => [path, leaves]),
    [
      ['a/~/self*/linear*/w', 3],
      ['a/~/self*/linear*/lora_a', 3],
    ],
    'parts that differ in numbers alone are one',
  );
});
