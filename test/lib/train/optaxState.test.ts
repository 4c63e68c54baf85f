import t from 'tap';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { float32, type HostArray, toFloat32 } from '../../../lib/data/array.js';
import { isTensor, toHostSync } from '../../../lib/data/leaf.js';
import { flatten, map, paths, type Tree, unflatten } from '../../../lib/data/tree.js';
import {
  formatCheckpoint,
  type NamedTuple,
  parseCheckpoint,
  type PickleDict,
} from '../../../lib/checkpoint/index.js';
import { engine, tensorsIn, tidy } from '../../../lib/engine/index.js';
import { transform } from '../../../lib/language/transform.js';
import { key, split } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';
import { linear } from '../../../modules/index.js';
import { relativeError } from '../../golden/compare.js';

type Lists = Readonly<Record<string, readonly number[]>>;

/** Pickles of optax's states: see test/data/optaxStates.py. */
const stored = JSON.parse(readFileSync('test/data/optaxStates.json', 'utf8')) as {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly grad: Lists;
  readonly states: Readonly<Record<string, { readonly pickle: string; readonly after: Lists }>>;
};

const treeOf = (lists: Lists): Tree<HostArray> =>
  unflatten(Object.entries(lists).map(([path, values]) => [path, float32(stored.shapes[path], values)]));

const isW = /\/w$/;

const schedule = train.warmupCosineDecaySchedule({
  initValue: 0.01,
  peakValue: 0.1,
  warmupSteps: 2,
  decaySteps: 8,
});

const transformations: Readonly<Record<string, train.Transformation>> = {
  'perceiver-lamb': train.chain(
    train.clipByGlobalNorm(1),
    train.scaleByAdam({ eps: 1e-6 }),
    train.addDecayedWeights(0.1, { mask: isW }),
    train.scaleByTrustRatio(),
    train.scaleByLearningRate(schedule),
  ),
  adamw: train.adamw(0.01),
  momentum: train.sgd(0.1, { momentum: 0.9 }),
  rmsprop: train.rmsprop(0.01, { centered: true }),
  lion: train.lion(0.01),
  adafactor: train.adafactor(0.1, { minDimSizeToFactor: 2 }),
  masked: train.chain(train.masked(train.scaleByAdam(), isW), train.sgd(0.1)),
  labelled: train.labelled({ linear: train.adam(schedule), rest: train.sgd(0.1) }, (path) =>
    path.startsWith('linear/') ? 'linear' : 'rest',
  ),
  ema: train.chain(train.ema({ decay: 0.9 }), train.sgd(0.1)),
  'multi-steps': train.multiSteps(train.adam(0.01), 3),
};

const rightOf = <A>(result: E.Either<unknown, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

const saved = (name: string) => rightOf(parseCheckpoint(Buffer.from(stored.states[name].pickle, 'base64')));

/** A loss whose gradient is the stored one. */
const loss: train.Loss<object> = ({ params }) => {
  const grads = new Map(flatten(treeOf(stored.grad)));
  const terms = flatten(params as Tree<tf.Tensor>).map(([path, leaf]) => {
    const grad = grads.get(path) as HostArray;
    return tf.sum(tf.mul(leaf, tf.tensor(toFloat32(grad), [...grad.shape])));
  });
  return { sum: tf.addN(terms), weight: tf.scalar(1) };
};

const stepOf = (name: string) =>
  train.trainStep(loss, transformations[name], { nextKeys: train.jaxlineKeys });

t.before(() => engine());

t.test('training goes on where optax stopped', async (t) => {
  t.same(Object.keys(transformations).sort(), Object.keys(stored.states).sort());
  for (const [name, { after }] of Object.entries(stored.states)) {
    const { numTensors } = tf.memory();
    const step = stepOf(name);
    const begun = rightOf(train.fromJax(saved(name), step));
    t.equal(train.stepOf(begun), 2);
    t.same([...begun.key.data], [3, 4]);
    const { state } = step(begun, {});
    const found = map(state.params, (leaf) => (isTensor(leaf) ? toHostSync(leaf) : leaf));
    for (const [path, { data }] of flatten(found))
      t.ok(relativeError(data as Float32Array, after[path]) < 1e-5, `${name}, ${path}`);
    t.same([...state.key.data], split({ mode: 'partitionable', words: [3, 4] })[1].words);
    t.equal(train.stepOf(state), 3);
    train.freeTrainState(state);
    t.equal(tf.memory().numTensors, numTensors, `${name} leaves no tensor behind`);
  }
});

t.test('a state that is written for JAX is read back to the bit, and is what optax wrote', async (t) => {
  for (const name of Object.keys(transformations)) {
    const step = stepOf(name);
    const begun = rightOf(train.fromJax(saved(name), step));
    const savable = await train.toJax(begun);
    const bytes = rightOf(formatCheckpoint(savable, { format: 'pickle' }));
    const again = rightOf(train.fromJax(rightOf(parseCheckpoint(bytes)), step));
    const [before, after] = [await train.arraysOfState(begun), await train.arraysOfState(again)];
    t.same([...after.keys()], [...before.keys()], name);
    for (const [path, { data }] of before) t.same(after.get(path)!.data, data, `${name}, ${path}`);
    [begun, again].forEach(train.freeTrainState);
  }
});

t.test('parts that are missing, of another form, or of another count are named', async (t) => {
  const { numTensors } = tf.memory();
  const problemsOf = (
    name: string,
    other: string,
    change: (parts: ReturnType<typeof saved>) => object = () => ({}),
  ) => {
    const checkpoint = saved(name);
    const read = train.fromJax({ ...checkpoint, ...change(checkpoint) }, stepOf(other));
    return E.isLeft(read) ? read.left.join('\n') : '';
  };
  t.match(problemsOf('adamw', 'momentum'), /opt_state: found a tuple, expected a tuple of 2 states/);
  t.match(
    problemsOf('momentum', 'ema'),
    /opt_state\[0\]: found optax\S*TraceState, expected optax's EmaState/,
  );
  t.match(problemsOf('masked', 'perceiver-lamb'), /expected a tuple of 5 states/);
  const later = (checkpoint: ReturnType<typeof saved>) => ({
    rest: new Map([...checkpoint.rest, ['global_step', 7]]),
  });
  t.match(
    problemsOf('perceiver-lamb', 'perceiver-lamb', later),
    /counts of updates do not agree: opt_state\[1\].count is 2, opt_state\[4\].count is 2, the file is after 7 updates/,
  );
  t.equal(
    problemsOf('adamw', 'adamw', () => ({ rest: new Map() })).includes(
      "'opt_state' is missing: the file has no parts",
    ),
    true,
  );
  const keyless = ({ rest }: ReturnType<typeof saved>) => ({
    rest: new Map([...rest].filter(([name]) => name !== 'train_step_rng')),
  });
  t.match(
    problemsOf('adamw', 'adamw', keyless),
    /'train_step_rng' is missing, or no uint32 key: give 'startKey'/,
  );
  const masked = tidy(() => {
    const all = train.scaleByAdam().init(train.pack(treeOf(stored.grad)));
    const value = saved('masked').rest.get('opt_state') as unknown as { items: { fields: never[] }[] };
    return train.fromOptax(value.items[0].fields[0], all);
  });
  t.match(
    E.isLeft(masked) ? masked.left.join('\n') : '',
    /opt_state.mu.layer_norm\/scale: found optax\S*MaskedNode, expected an array \[3\]/,
  );
  t.equal(tf.memory().numTensors, numTensors);
});

t.test('leaves that a masked transformation leaves alone are marked as optax marks them', async (t) => {
  const value = tidy(() => {
    const params = train.pack(treeOf(stored.grad));
    return train.toOptax(
      train.masked(train.trace({ decay: 0.9 }), isW).init(params),
      paths(treeOf(stored.grad)),
    );
  });
  const text = JSON.stringify(value, (_name, each: unknown) =>
    each instanceof Map ? Object.fromEntries(each) : each,
  );
  const factored = tidy(() => {
    const params = train.pack(treeOf(stored.grad));
    return train.toOptax(
      train.masked(train.scaleByFactoredRms(), isW).init(params),
      paths(treeOf(stored.grad)),
    );
  });
  const [state] = (factored as NamedTuple).fields as readonly NamedTuple[];
  for (const tree of state.fields.slice(1) as readonly PickleDict[])
    t.same(
      [...tree.entries].flatMap(([, leaves]) =>
        [...(leaves as PickleDict).entries].map(([name, leaf]) => [name, (leaf as NamedTuple).name]),
      ),
      paths(treeOf(stored.grad)).map((path) => [
        path.split('/')[1],
        isW.test(path) ? undefined : 'optax.MaskedNode',
      ]),
      'the three trees of a factored state, too',
    );
  t.match(text, /"name":"optax.MaskedState"/);
  t.match(text, /"scale":{"kind":"namedTuple","offset":0,"name":"optax.MaskedNode","fields":\[\]}/);
});

t.test('states around an optimizer that there are none of here say what to save', (t) => {
  const around: NamedTuple = {
    kind: 'namedTuple',
    offset: 0,
    name: 'optax.InjectStatefulHyperparamsState',
    fields: [],
  };
  const like = tidy(() => train.adam(0.1).init(train.pack(treeOf(stored.grad))));
  t.match(train.fromOptax(around, like), {
    left: [
      /found optax.InjectState.*expected a tuple of 2 states; .*: save opt_state.inner_state in its place/,
    ],
  });
  tf.dispose(tensorsIn(like));
  t.end();
});

t.test('averages go to JAX and back in their own form, and none is lost in silence', async (t) => {
  const model = transform(linear(1));
  const params = model.init(key(0), { shape: [4, 2] });
  const loss: train.Loss<object> = ({ params: own }, _batch, how) =>
    train.weighted(tf.square(model.apply(own, how, tf.ones([1, 2]))));
  const make = (ema?: train.AverageOptions, optimizer: train.Transformation = train.adam(0.1)) =>
    train.trainStep(loss, optimizer, { freeze: ['linear/b'], ...(ema && { ema }) });
  const after = (step: ReturnType<typeof make>, count: number) => {
    let state = step.init({ params }, key(1));
    for (let i = 0; i < count; i++) state = step(state, {}).state;
    return state;
  };
  const carried = async (state: train.TrainState, options: Parameters<typeof train.toJax>[1]) =>
    rightOf(
      parseCheckpoint(rightOf(formatCheckpoint(await train.toJax(state, options), { format: 'pickle' }))),
    );
  const leftOf = (read: E.Either<readonly string[], train.TrainState>): string =>
    E.isLeft(read) ? read.left.join('; ') : 'nothing is wrong';
  const forms = [
    { decay: 0.9, start: 'zeros' },
    { decay: 0.9, start: 'copy' },
  ] as const;
  for (const average of forms) {
    const step = make(average);
    const state = after(step, 2);
    await t.rejects(train.toJax(state), /the state has a moving average: give `average`/);
    const file = await carried(state, { average });
    const back = rightOf(train.fromJax(file, step));
    const values = (of: train.TrainState) => [
      ...(step.averaged(of as never).linear.w as tf.Tensor).dataSync(),
    ];
    t.same(values(step(back as never, {}).state), values(step(state, {}).state), average.start);
    const other = forms.find(({ start }) => start !== average.start);
    t.match(leftOf(train.fromJax(file, make(other))), /an average that began as a copy/);
    t.match(leftOf(train.fromJax(file, make())), /'ema_params' is a moving average, and the step keeps none/);
    t.equal(train.stepOf(rightOf(train.fromJax(file, make(), { ema: null }))), 2);
    const without = await carried(after(make(), 2), {});
    t.match(leftOf(train.fromJax(without, step)), /'ema_params' is missing, and the step keeps/);
    t.equal(train.stepOf(rightOf(train.fromJax(without, step, { ema: null }))), 2);
  }
});

t.test('the number of updates is taken where its meaning is certain, and asked for elsewhere', async (t) => {
  const model = transform(linear(1));
  const params = model.init(key(0), { shape: [4, 2] });
  const loss: train.Loss<object> = ({ params: own }, _batch, how) =>
    train.weighted(tf.square(model.apply(own, how, tf.ones([1, 2]))));
  for (const [optimizer, counts] of [
    [train.sgd(0.1, { momentum: 0.9 }), false],
    [train.multiSteps(train.adam(0.1), 2), false],
    [train.adam(0.1), true],
  ] as const) {
    const step = train.trainStep<object, train.OptimizerState>(loss, optimizer as train.Transformation);
    let state = step.init({ params }, key(1));
    for (let i = 0; i < 3; i++) state = step(state, {}).state;
    const { rest, ...weights } = rightOf(
      parseCheckpoint(
        rightOf(formatCheckpoint(await train.toJax(state, { step: 'step' }), { format: 'pickle' })),
      ),
    );
    t.equal(train.stepOf(rightOf(train.fromJax({ ...weights, rest }, step))), 3);
    const parts = new Map(rest);
    parts.delete('step');
    parts.set('iteration', 3);
    const file = { ...weights, rest: parts };
    t.equal(train.stepOf(rightOf(train.fromJax(file, step, { step: 'iteration' }))), 3);
    t.equal(train.stepOf(rightOf(train.fromJax(file, step, { startStep: 3 }))), 3);
    const read = train.fromJax(file, step);
    if (counts) t.equal(train.stepOf(rightOf(read)), 3);
    else
      t.match(E.isLeft(read) && read.left, [
        /'global_step' is missing, .* has no count of steps: name the part/,
      ]);
    t.match(train.fromJax(file, step, { step: 'steps' }), { left: [/'steps' is missing, or no number/] });
  }
});
