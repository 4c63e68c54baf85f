/** Weights, states and keys that are none are refused where they are handed in, whichever function it is. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { float32 } from '../../../lib/data/array.js';
import { engine } from '../../../lib/engine/index.js';
import { transform } from '../../../lib/language/transform.js';
import { key } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';
import { linear } from '../../../modules/index.js';

const model = transform(linear(2));
const params = model.init(key(0), { shape: [3, 4] });
const batch = { x: float32([3, 4], new Float32Array(12).fill(1)) };
const loss: train.Loss<typeof batch> = ({ params: own }, { x }, options) =>
  train.weighted(tf.square(model.apply(own, options, x as tf.Tensor2D)));
const step = train.trainStep(loss, train.adam(1e-3));

t.before(() => engine());

const noTrees: readonly (readonly [unknown, RegExp])[] = [
  [undefined, /of type undefined, expected a tree of arrays/],
  [null, /null, expected a tree/],
  [3, /of type number, expected a tree/],
  [[params], /a list, expected a tree/],
  [params.linear, /a record whose 'w' is an array, no module/],
  [{ params }, /a tree whose leaf 'params\/linear' is of type object, no array/],
  [{ linear: { ...params.linear, b: undefined } }, /a tree whose leaf 'linear\/b' is of type undefined, no/],
];

const ofTrees: Readonly<Record<string, (tree: never) => unknown>> = {
  'step.init: params of the weights is': (tree) => step.init({ params: tree }, key(1)),
  'layoutOf: the tree is': (tree) => train.layoutOf(tree),
  'trainedParts: params is': (tree) => train.showTrained(tree),
  'lora, init: params is': (tree) => train.lora({ of: /w$/, rank: 1 }).init(tree, key(0)),
  'lora, merge: params is': (tree) => train.lora({ of: /w$/, rank: 1 }).merge(tree),
};

t.test('what is no tree of arrays is named, with its place', async (t) => {
  for (const [name, take] of Object.entries(ofTrees))
    for (const [tree, message] of noTrees) {
      t.throws(() => take(tree as never), message);
      t.throws(() => take(tree as never), { name: 'TypeError', message: new RegExp(`^${name} `) });
    }
  t.throws(() => step.init(undefined as never, key(1)), /step.init: the weights are of type undefined/);
  t.throws(
    () => step.init({ params }, 1 as never),
    /step.init: the key is of type number, expected a random/,
  );
});

const ofStates: Readonly<Record<string, (state: never) => unknown>> = {
  trainStep: async (state) => step(state, batch),
  'step.averaged': async (state) => step.averaged(state),
  weightsOf: (state) => train.weightsOf(state),
  stepOf: async (state) => train.stepOf(state),
  arraysOfState: (state) => train.formatTrainCheckpoint(state, {} as never),
  toJax: (state) => train.toJax(state),
  findNotFinite: (state) => train.findNotFinite(step, state, batch, key(0)),
  train: (state) =>
    train.train({ step, state, data: { at: async () => batch }, key: key(0), numSteps: 1 }).next(),
};

t.test('what is no train state is named, with the parts that it lacks', async (t) => {
  const state = step.init({ params }, key(1));
  for (const [name, take] of Object.entries(ofStates)) {
    for (const found of [undefined, null, 3])
      await t.rejects(take(found as never) as Promise<unknown>, `${name}: the state is`);
    await t.rejects(
      take({ params } as never) as Promise<unknown>,
      new RegExp(`^${name}: the state has no state, optimizer, step, key, expected a train state`),
    );
    const broken = { ...state, params: { linear: { w: undefined } } };
    await t.rejects(
      take(broken as never) as Promise<unknown>,
      `${name}: params of the state is a tree whose leaf 'linear/w'`,
    );
  }
  t.throws(() => step(state, undefined as never), /trainStep: the batch is undefined, expected arrays/);
  train.freeTrainState(state);
});

t.test(
  'a state of another optimizer, or of other trained leaves, is refused before anything is computed',
  async (t) => {
    const half = train.trainStep(loss, train.adam(1e-3), { freeze: ['linear/b'] });
    const other = train.trainStep(loss, train.sgd(1e-3, { momentum: 0.9 }));
    const averaging = train.trainStep(loss, train.adam(1e-3), { ema: { decay: 0.9, start: 'copy' } });
    const before = tf.memory().numTensors;
    const [ofHalf, ofOther, own] = [half, other, step].map((each) => each.init({ params }, key(1)));
    t.throws(
      () => step(ofHalf as never, batch),
      /'optimizer\/0\/mu\/linear\/b' is missing; 'optimizer\/0\/nu\/linear\/b'/,
    );
    t.throws(() => step(ofOther as never, batch), /trainStep: the state is of another optimizer/);
    t.throws(() => averaging(own as never, batch), /'ema\/count' is missing/);
    const lamb = train.trainStep(loss, train.lamb(1e-3));
    const [ofAverage, ofLamb] = [averaging, lamb].map((each) => each.init({ params }, key(1)));
    t.throws(() => step(ofAverage as never, batch), /'ema\/count' is not of this step/);
    t.throws(() => step(ofLamb as never, batch), /another optimizer.* is not of this step/);
    t.throws(() => lamb(own as never, batch), /another optimizer.*'optimizer\/2' is missing/);
    const moved = { ...own, params: { linear: { w: float32([2, 2], [1, 2, 3, 4]), b: params.linear.b } } };
    t.throws(
      () => step(moved as never, batch),
      /'optimizer\/0\/mu\/linear\/w' is \[4, 2\], expected \[2, 2\]/,
    );
    const { state } = step({ ...own } as never, batch); // a copy is as good as the state
    t.equal(train.stepOf(state), 1);
    for (const each of [ofHalf, ofOther, ofAverage, ofLamb, own, state]) train.freeTrainState(each);
    t.equal(tf.memory().numTensors, before);
  },
);
