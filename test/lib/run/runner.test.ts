/** Runners: the same outputs from each, only with their own weights, ended by a signal, and nothing left behind. */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { engine, key } from '../../../lib/index.js';
import { pictureOf } from '../../../lib/media/picture.js';
import { compileRunner, engineRunner, type Runner } from '../../../lib/run/index.js';
import { linear } from '../../../modules/index.js';
import { flow, multimodal, starcraft } from '../../../presets/index.js';

await engine();

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

const grey = (width: number, height: number, shift: number) =>
  pictureOf(
    width,
    height,
    (x, y) => Array<number>(3).fill((31 * x + 17 * y + shift) % 256) as [number, number, number],
  );

const model = flow(flow.small); // tiles of 12 × 8
const weights = model.init(key(0));
weights.params['flow_decoder/~/basic_decoder/output'].w.data.fill(0.01 as never); // begins at zero
const pair = { first: grey(20, 12, 0), second: grey(20, 12, 9) };

const flowBy = async (runner: Runner) => right(await model.run(weights, pair, { runner })()).data;

const isNear = (a: Float32Array, b: Float32Array) => a.every((x, i) => Math.abs(x - b[i]) <= 1e-4);

t.test('the engine and onnxruntime give what a run without a runner gives', async (t) => {
  const { data } = right(await model.run(weights, pair)());
  t.ok(data.some((x) => x !== 0));
  await using own = engineRunner(weights);
  await using compiled = compileRunner(weights);
  t.same(await flowBy(own), data);
  t.ok(isNear(await flowBy(compiled), data));
});

t.test('a runner of the engine places weights once and frees them', async (t) => {
  const before = tf.memory().numTensors;
  const runner = engineRunner(weights);
  await flowBy(runner);
  const placed = tf.memory().numTensors;
  t.ok(placed > before);
  await flowBy(runner);
  t.equal(tf.memory().numTensors, placed);
  await runner.dispose();
  t.equal(tf.memory().numTensors, before);
});

t.test('a layer, inputs or weights that are none are told with what is expected', async (t) => {
  for (const make of [engineRunner, compileRunner]) {
    await using runner = make(weights);
    const run = runner.run as (...given: unknown[]) => Promise<unknown>;
    await t.rejects(run(null), /^runner\.run: the layer is null, expected a function/);
    await t.rejects(run(model, []), /the layer is a model, expected its network/);
    await t.rejects(run(model.network), /the inputs are of type undefined, expected a list/);
    await t.rejects(run(linear(3), [null]), /^runner\.run, linear: input 0 is null, expected an array/);
    t.throws(() => make(null as never), /the weights are null, expected { params, state }/);
    t.throws(() => make({} as never), /params of the weights is of type undefined/);
  }
  const wrong = model.run as unknown as (...given: unknown[]) => () => Promise<unknown>;
  t.throws(() => wrong(null, pair), /^flow\.run: the weights are null/);
  t.throws(() => wrong(weights, pair, { runner: 3 }), /^flow\.run: the runner is no runner, expected one of/);
});

t.test('a compiled runner that was disposed of says so', async (t) => {
  const runner = compileRunner(weights);
  await runner.dispose();
  await t.rejects(
    runner.run(model.network, [] as never),
    /^the compiled model was disposed of; call compile or compileRunner again/,
  );
});

t.test('a runner of other weights is refused, however alike they are', async (t) => {
  const others = model.init(key(0));
  for (const runner of [engineRunner(others), compileRunner(others)])
    t.throws(() => model.run(weights, pair, { runner }), {
      message: /^flow\.run: the runner was made with other weights than the given ones; /,
    });
});

t.test('progress is told before each part, and a signal ends the run before the next', async (t) => {
  const parts: (readonly [number, number])[] = [];
  const controller = new AbortController();
  const onProgress = (done: number, total: number) => {
    parts.push([done, total]);
    if (done === 1) controller.abort();
  };
  const before = tf.memory().numTensors;
  await t.rejects(model.run(weights, pair, { onProgress, signal: controller.signal })(), {
    name: 'AbortError',
  });
  t.same(parts, [
    [0, 6],
    [1, 6],
  ]);
  t.equal(tf.memory().numTensors, before, 'nothing stays on the engine');
});

t.test('a signal from outside is seen while the engine computes on the same thread', async (t) => {
  const film = multimodal(multimodal.small);
  const frames = [grey(16, 16, 0), grey(16, 16, 5)];
  const sound = { sampleRate: 800, channels: [new Float32Array(64)] };
  let parts = 0;
  const run = film.run(
    film.init(key(1)),
    { frames, sound },
    {
      chunkSize: 2,
      signal: AbortSignal.timeout(20),
      onProgress: () => parts++,
    },
  );
  await t.rejects(run(), { name: 'TimeoutError' });
  t.ok(parts < 1024, `${parts} parts`);
});

t.test('a run of one part is ended by a signal that is aborted already, with its own reason', async (t) => {
  const army = starcraft(starcraft.small);
  const marine = { unitType: 48, alliance: 1, x: 30, y: 71.5 };
  const signal = AbortSignal.abort(new Error('enough'));
  await t.rejects(army.run(army.init(key(1)), [marine], { signal })(), { message: 'enough' });
  const wrong = await army.run(army.init(key(1)), [{ ...marine, x: -1 }], { signal })();
  t.ok(E.isLeft(wrong), 'an input that the model cannot take is told first');
});
