/** Training steps in onnxruntime: the engine's own curves, and states that are read and handed back. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32 } from '../../../lib/data/array.js';
import { isArray, isTensor, type Leaf, toHostSync, toTensor } from '../../../lib/data/leaf.js';
import { partsOf } from '../../../lib/data/nest.js';
import { flatten } from '../../../lib/data/tree.js';
import { engine } from '../../../lib/engine/index.js';
import { chain } from '../../../lib/language/combinators/index.js';
import { transform, transformWithState } from '../../../lib/language/transform.js';
import { type Key, key, normal } from '../../../lib/random/index.js';
import { compile, type CompileOptions, compileStep } from '../../../lib/run/index.js';
import { exportJax } from '../../../lib/stablehlo/index.js';
import * as train from '../../../lib/train/index.js';
import { batchNorm, dropoutLayer, embed, linear, mlp } from '../../../modules/index.js';

interface Batch {
  readonly x: HostArray;
  readonly y: HostArray;
}

const model = transformWithState(
  chain(batchNorm({ decayRate: 0.9 }), linear(6), dropoutLayer(0.3), mlp(), linear(1)),
);

const loss: train.Loss<Batch> = ({ params, state }, { x, y }, options) => {
  const { output, state: next } = model.apply(params, state, options, x as tf.Tensor2D);
  return { ...train.weighted(train.l2Loss(output, y)), state: next };
};

const batchOf = (seed: number, size = 8): Batch => {
  const x = normal(key(seed), [size, 3]);
  const sums = Array.from({ length: size }, (_, i) => x.data[3 * i] - 2 * x.data[3 * i + 1]);
  return { x, y: float32([size, 1], Float32Array.from(sums)) };
};

const step = train.trainStep(loss, train.chain(train.clipByGlobalNorm(1), train.adamw(1e-2)), {
  ema: { decay: 0.9, start: 'zeros' },
  microBatches: 2,
});
const first = () => step.init(model.init(key(0), toTensor(batchOf(1).x) as tf.Tensor2D), key(7));

t.test(
  'twenty steps of two micro-batches are those of the engine, with the same dropout, and the state goes back to it',
  async (t) => {
    await engine();
    const compiled = compileStep(step, { threads: 1 });
    let own = first();
    let made = await compiled(first(), batchOf(0));
    for (let n = 0; n < 20; n++) {
      if (n > 0) made = await compiled(made.state, batchOf(n));
      const next = step(own, batchOf(n));
      own = next.state;
      const metrics = await train.readMetrics(next.metrics);
      t.same(Object.keys(made.metrics).sort(), Object.keys(metrics).sort());
      t.ok(Math.abs(made.metrics.loss - metrics.loss) <= 1e-4 * Math.abs(metrics.loss), `step ${n}`);
    }
    const read = await made.state.read();
    t.same(read.key, own.key);
    t.same((read.step as tf.Tensor).dataSync(), (own.step as tf.Tensor).dataSync());
    const values = (state: typeof own) =>
      flatten(state.params).flatMap(([, leaf]) =>
        [...(isTensor(leaf) ? toHostSync(leaf) : leaf).data].map(Number),
      );
    const [a, b] = [values(read), values(own)];
    t.ok(a.every((value, i) => Math.abs(value - b[i]) <= 1e-3));

    // The engine goes on from where onnxruntime stopped, and the other way round, with batches of another size. What only
    // fills a batch is left out, though the loss ignores its weight.
    const { x, y } = batchOf(20, 4);
    const twice = ({ shape: [, D], data }: HostArray) => float32([8, D], [...data, ...data].map(Number));
    const onEngine = await train.readMetrics(step(read, { x, y }).metrics);
    const filled = { x: twice(x), y: twice(y), exampleWeights: float32([8], [1, 1, 1, 1, 0, 0, 0, 0]) };
    const onRuntime = (await compiled(own, filled)).metrics;
    t.equal(onRuntime.weight, 4);
    t.ok(Math.abs(onEngine.loss - onRuntime.loss) <= 1e-3 * onEngine.loss);

    await compiled.dispose();
    await t.rejects(compiled(made.state, batchOf(1)), { message: /^the compiled step was disposed of/ });
  },
);

/** All numbers of a state. */
const numbersOf = (state: train.TrainState): number[] =>
  partsOf(state, isArray).flatMap((leaf) =>
    Array.from((isTensor(leaf) ? leaf.dataSync() : leaf.data) as Float32Array),
  );

t.test(
  'a batch that is not finite keeps the old state; a state is handed on once, and can be read before',
  async (t) => {
    await engine();
    const frozen = train.trainStep(loss, train.adam(1e-2), { freeze: /linear_1/ });
    const start = () => frozen.init(model.init(key(0), toTensor(batchOf(1).x) as tf.Tensor2D), key(7));
    await using compiled = compileStep(frozen, { threads: 1 });
    const bad: Batch = { ...batchOf(1), y: float32([8, 1], new Float32Array(8).fill(NaN)) };
    let own = start();
    // The first state is the step's own, the second one onnxruntime's.
    let given: Parameters<typeof compiled>[0] = start();
    for (const [n, batch] of [bad, batchOf(0), bad, bad, batchOf(2)].entries()) {
      const before = given;
      const made: Awaited<ReturnType<typeof compiled>> = await compiled(given, batch);
      const next = frozen(own, batch);
      [given, own] = [made.state, next.state];
      t.equal(made.metrics.isFinite, batch === bad ? 0 : 1, `step ${n}`);
      const [found, expected] = [await made.state.read(), own].map(numbersOf);
      t.equal(found.length, expected.length);
      t.ok(
        found.every((value, i) => Math.abs(value - expected[i]) <= 1e-4),
        `step ${n}`,
      );
      if (n > 0) {
        await t.rejects(compiled(before, batch), { message: /^the state was freed/ });
        await t.rejects((before as typeof made.state).read(), { message: /^the state was freed/ });
      }
    }
  },
);

t.test(
  'a state of another optimizer, of other leaves or of an average is refused as the step refuses it, in exports too',
  async (t) => {
    await engine();
    const params = transform(chain(linear(3), linear(3), linear(1))).init(key(0), tf.zeros([1, 3]));
    const make = (
      optimizer = train.adam(0.1) as train.Transformation,
      options: train.TrainStepOptions = {},
    ) =>
      train.trainStep<Batch, train.OptimizerState>(
        ({ params: own }, { x, y }) =>
          train.weighted(
            train.l2Loss(
              transform(chain(linear(3), linear(3), linear(1))).apply(own, {}, x as tf.Tensor2D),
              y,
            ),
          ),
        optimizer,
        options,
      );
    const own = make(undefined, { freeze: /^linear\// });
    // The moments of these leaves are as many numbers as those of the step's own.
    const others = [
      make(undefined, { freeze: /^linear_1\// }),
      make(train.lamb(0.1), { freeze: /^linear\// }),
      make(undefined, { freeze: /^linear\//, ema: { decay: 0.9, start: 'zeros' } }),
      make(train.sgd(0.1)),
    ];
    await using compiled = compileStep(own, { threads: 1 });
    await using compiledOther = compileStep(others[0], { threads: 1 });
    await compiled(own.init({ params }, key(0)), batchOf(0));
    const took = 'the step took { x: float32 [8, 3], y: float32 [8, 1] } before';
    for (const other of others) {
      const state = () => other.init({ params }, key(0));
      let message = '';
      try {
        own(state(), batchOf(0));
      } catch (error) {
        message = (error as Error).message;
      }
      t.match(message, /^trainStep: the state is of another optimizer, of other leaves/);
      const expected = { name: 'RangeError', message };
      t.throws(() => exportJax(own, [state(), batchOf(0)]), expected);
      const found = await compiled(state(), batchOf(0)).catch((error: Error) => error);
      t.equal(
        (found as Error).message,
        `${message}; the batch is { x: float32 [8, 3], y: float32 [8, 1] }; ${took}`,
      );
    }
    const { state } = await compiledOther(others[0].init({ params }, key(0)), batchOf(0));
    await t.rejects(compiled(state, batchOf(0)), { message: /^trainStep: the state is of another/ });
  },
);

t.test('states of steps are freed when they are handed on, and leave no tensors; others stay', async (t) => {
  await engine();
  const line = transform(linear(1));
  const own = train.trainStep<Batch, train.OptimizerState>(
    ({ params: given }, { x, y }) => train.weighted(train.l2Loss(line.apply(given, {}, x as tf.Tensor2D), y)),
    train.adam(0.1),
  );
  await using compiled = compileStep(own, { threads: 1 });
  const params = line.init(key(0), { shape: [2, 1] });
  const start = () => own.init({ params }, key(1));
  const narrow = { x: float32([2, 1], [1, 2]), y: float32([2, 1], [3, 4]) };
  const before = tf.memory().numTensors;
  const first = start();
  const { state } = await compiled(first, narrow);
  await t.rejects(compiled(first, narrow), { message: /^this train state was handed to a step before/ });
  const next = await compiled(await state.read(), narrow);
  await train.takeWeights(own(await next.state.read(), narrow).state);
  t.equal(tf.memory().numTensors, before);

  const mine = { ...start() };
  await compiled(mine, narrow);
  await compiled(mine, narrow);
  train.freeTrainState(mine);
  t.notOk((mine.step as tf.Tensor).isDisposed);
  tf.dispose([mine.step as tf.Tensor, ...partsOf(mine.optimizer, isTensor)]);
});

interface Two {
  readonly first: HostArray;
  readonly second: HostArray;
  readonly factor?: number;
  readonly key?: Key;
}

/** Two parts and a draw, weighed differently, times a number. */
const weighed = train.trainStep<Two, train.OptimizerState>(({ params }, batch) => {
  const { first, second, factor = 1, key: from } = batch;
  const [a, b] = [first, second].map((part: Leaf) => (isTensor(part) ? part : toTensor(part)));
  const noise = from === undefined ? tf.zeros([2]) : toTensor(normal(from, [2]));
  const x = tf.add(tf.sub(a, tf.mul(2, b)), noise) as tf.Tensor2D;
  const output = tf.mul(transform(linear(1)).apply(params, {}, x), tf.scalar(factor));
  return train.weighted(tf.square(output));
}, train.sgd(0.1));

t.test('a batch is taken by its names, and its numbers and keys count', async (t) => {
  await engine();
  const [first, second] = [float32([2, 2], [1, 2, 3, 4]), float32([2, 2], [5, 7, 1, 0])];
  const params = transform(linear(1)).init(key(0), tf.zeros([2, 2]));
  const start = () => weighed.init({ params }, key(0));
  await using compiled = compileStep(weighed, { threads: 1 });
  const lossOf = (state: train.TrainState, batch: Two) =>
    weighed(state as never, batch).metrics.loss.dataSync()[0];
  for (const batch of [
    { first, second },
    { second, first },
    { first, second, factor: 2 },
    { first, second, factor: NaN },
    { first, second, key: key(1) },
    { first, second, key: key(2) },
  ] as Two[]) {
    const expected = lossOf(start(), batch);
    const { loss: found } = (await compiled(start(), batch)).metrics;
    t.ok(
      Object.is(found, expected) || Math.abs(found - expected) <= 1e-5 * expected,
      Object.keys(batch).join(),
    );
  }
  // A state goes on in a step that was compiled anew.
  const { state } = await compiled(start(), { first, second });
  await using again = compileStep(weighed, { threads: 1 });
  const expected = lossOf(weighed(start(), { first, second }).state, { first, second });
  const made = await again(state, { first, second });
  t.ok(Math.abs(made.metrics.loss - expected) <= 1e-4 * expected);
});

t.test('a step that cannot be compiled says what to do', async (t) => {
  await engine();
  const given = { w: tf.zeros([2]), rate: 1 };
  type State = Readonly<Record<string, unknown>>;
  const cases: readonly (readonly [(state: typeof given) => unknown, RegExp])[] = [
    [
      (state) => ({ state, metrics: { all: tf.zeros([3]) } }),
      /metric 'all' is of shape \[3\], expected one number/,
    ],
    [(state) => ({ state, metrics: { n: 3 } }), /metric 'n' is 3, expected a tensor/],
    [
      (state) => ({ state: { ...state, rate: 2 }, metrics: {} }),
      /given 1 at 'rate' of the state and returned 2 there/,
    ],
    [
      ({ w, rate }) => ({ state: { rate }, metrics: { loss: tf.sum(w) } }),
      /given float32 \[2\] at 'w' of the state and returned nothing/,
    ],
    [
      (state) => ({ state: { ...state, w: tf.zeros([3]) }, metrics: {} }),
      /at 'w' .* returned float32 \[3\] there/,
    ],
    [({ w }) => w, /returned no \{ state, metrics \}/],
  ];
  for (const [step, message] of cases)
    await t.rejects(compileStep(step as never)(given as State, {}), { name: 'TypeError', message });
  await using compiled = compileStep(step, { threads: 1 });
  const cast = { ...batchOf(0), x: { ...batchOf(0).x, dtype: 'int32' } } as Batch;
  const isInt =
    'batch_norm: x is int32, expected float32: cast it first; the batch is { x: int32 [8, 3], y: float32 [8, 1] }';
  await t.rejects(compiled(first(), cast), { message: isInt });
  await compiled(first(), batchOf(0));
  await t.rejects(compiled(first(), cast), {
    message: `${isInt}; the step took { x: float32 [8, 3], y: float32 [8, 1] } before`,
  });
  await t.rejects(compiled(first(), { x: batchOf(0).x } as Batch), {
    name: 'TypeError',
    message:
      /^compileStep: the step reads what is not there: .*undefined.*; the batch is \{ x: float32 \[8, 3\] \}; the step took \{ x: /,
  });
  const short = { ...batchOf(0), y: { ...batchOf(0).y, data: new Float32Array(5) } };
  await t.rejects(compiled(first(), short), {
    message: "compileStep: 'y' of the batch is float32 [8, 1] with 5 elements, expected 8",
  });
  t.throws(() => compileStep(weighed, { weights: 'int8' } as never), {
    message: /option 'weights' is not for training/,
  });
  for (const options of [{ threads: 0 }, { thread: 1 }, { runtime: {} as never }])
    t.throws(() => compileStep(weighed, options as never), {
      message: /^compileStep: (threads|found option|runtime)/,
    });
  const freed = { w: tf.zeros([2]) };
  freed.w.dispose();
  const same = (state: typeof freed) => ({ state, metrics: { loss: tf.sum(state.w) } });
  await t.rejects(compileStep(same)(freed, {}), {
    message: /^compileStep: an array of the state .* was freed/,
  });
  const { state: returned } = await compiled(first(), batchOf(0));
  t.throws(() => step(returned as never, batchOf(0)), {
    message: /a compiled step returned.*await state.read/,
  });
  t.throws(() => compileStep(undefined as never), { message: /the step is of type undefined/ });
  await t.rejects(compileStep(weighed)(undefined as never, undefined as never), {
    message: /was given undefined as its state/,
  });
});

t.test(
  'ids that a table has not are refused in each batch, also where the step computes them, and the state stays',
  async (t) => {
    await engine();
    const table = transform(embed({ vocabSize: 5, numChannels: 2 }));
    const params = table.init(key(0), { shape: [4], dtype: 'int32' });
    interface Ids {
      readonly ids: HostArray;
      readonly shift: HostArray;
    }
    const looked = train.trainStep<Ids, train.OptimizerState>(
      ({ params: own }, { ids, shift }) => {
        // The last id of each example is looked up nowhere.
        const read = tf.slice(ids as tf.Tensor2D, [0, 0], [-1, 2]);
        const next = tf.add(read, shift as tf.Tensor);
        return train.weighted(tf.concat([table.apply(own, {}, read), table.apply(own, {}, next)]));
      },
      train.sgd(0.1),
      { microBatches: 2 },
    );
    await using compiled = compileStep(looked, { threads: 1 });
    const batchWith = (ids: readonly number[], shift = 0): Ids => ({
      ids: int32([2, 3], ids),
      shift: int32([2, 1], [shift, shift]),
    });
    const { state } = await compiled(looked.init({ params }, key(0)), batchWith([0, 4, -1, 1, 2, 9]));
    for (const [batch, message] of [
      [batchWith([0, 4, 0, 1, -1, 0]), "id -1 at index 4 of 'ids' of the batch"],
      [batchWith([0, 5, 0, 1, 2, 0]), "id 5 at index 1 of 'ids' of the batch"],
      [
        batchWith([0, 1, 0, 1, 3, 0], 2),
        "id 5 at index 1 of what is computed from 'ids' of the batch and 'shift' of the batch",
      ],
    ] as const)
      await t.rejects(compiled(state, batch), {
        name: 'RangeError',
        message: `compileStep: ${message} is not in a vocabulary of 5`,
      });
    t.equal((await compiled(state, batchWith([0, 1, 2, 3, 4, 0]))).metrics.isFinite, 1);
  },
);

t.test("in a page, threads are onnxruntime's, for compiled layers and steps alike", async (t) => {
  await engine();
  const x = toTensor(batchOf(1).x) as tf.Tensor2D;
  const params = transform(linear(1)).init(key(0), x);
  const uses: readonly (readonly [number, (options: CompileOptions) => Promise<unknown>])[] = [
    [2, (options) => compile(linear(1), { params }, options)(x)],
    [3, (options) => compileStep(step, options)(first(), batchOf(0))],
  ];
  for (const [threads, use] of uses) {
    const wasm: { numThreads?: number } = {};
    const create = async () => Promise.reject(new Error('no session is needed'));
    const runtime = {
      Tensor: Object,
      InferenceSession: { create },
      env: { wasm, versions: { common: '1' } },
    };
    await t.rejects(use({ runtime, threads }), { message: 'no session is needed' });
    t.equal(wasm.numThreads, threads);
  }
});
