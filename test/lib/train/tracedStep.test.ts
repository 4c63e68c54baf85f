/** A whole step of training as a graph: dropout, batch norm, clipping, AdamW, a schedule, the average, the next key. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray } from '../../../lib/data/array.js';
import { isTensor, toTensor } from '../../../lib/data/leaf.js';
import { mapNest } from '../../../lib/data/nest.js';
import { engine } from '../../../lib/engine/index.js';
import { partName } from '../../../lib/graph/names.js';
import { type Graph, traceFunction } from '../../../lib/graph/index.js';
import { chain } from '../../../lib/language/combinators/index.js';
import { transform, transformWithState } from '../../../lib/language/transform.js';
import { graphToOnnx, isComposedInOnnx } from '../../../lib/onnx/index.js';
import { key, normal } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';
import { batchNorm, dropoutLayer, linear, mlp } from '../../../modules/index.js';
import { difference, started } from '../onnx/runtime.js';

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

const batchOf = (seed: number, length = 8): Batch => {
  const x = normal(key(seed), [length, 3]);
  const y = Float32Array.from({ length }, (_, i) => x.data[3 * i] - 2 * x.data[3 * i + 1]);
  return { x, y: float32([length, 1], y) };
};

const isArray = (part: unknown): part is HostArray | tf.Tensor =>
  typeof part === 'object' && part !== null && Array.isArray((part as HostArray).shape);
const feed = (part: HostArray | tf.Tensor): tf.Tensor => {
  if (isTensor(part)) return part;
  return part.dtype === 'uint32'
    ? tf.tensor([...Int32Array.from(part.data as Uint32Array)], [2], 'int32')
    : toTensor(part);
};

/** The arrays of a nest in the order of a graph's inputs. */
const inputsOf = ({ inputs }: Graph, nest: unknown): tf.Tensor[] => {
  const feeds = new Map<string, tf.Tensor>();
  mapNest(nest, isArray, (part, path) => void feeds.set(partName('', path), feed(part)));
  return inputs.map(({ name }) => feeds.get(name)!);
};

t.test('onnxruntime trains as the engine does, from the same state, with the same dropout', async (t) => {
  await engine();
  const step = train.trainStep(
    loss,
    train.chain(
      train.clipByGlobalNorm(1),
      train.adamw(train.cosineDecaySchedule({ initValue: 1e-2, decaySteps: 50 })),
    ),
    { ema: { decay: 0.9, start: 'zeros' } },
  );
  let state = step.init(model.init(key(0), toTensor(batchOf(1).x) as tf.Tensor2D), key(7));
  const graph = traceFunction(step, [state, { x: { shape: [8, 3] }, y: { shape: [8, 1] } }], {
    names: { inputs: ['state', 'batch'], output: '' },
    isComposed: isComposedInOnnx,
  });
  t.ok(graph.inputs.some(({ name, dtype }) => name === 'state.key' && dtype === 'int32'));
  const session = await started(graphToOnnx(graph));
  const isName = (part: unknown): part is string => typeof part === 'string';
  for (const seed of [1, 2, 3]) {
    const batch = batchOf(seed);
    const found = await session.run(inputsOf(graph, { state, batch }));
    const next = step(state, batch);
    const expected = new Map<string, HostArray | tf.Tensor>();
    mapNest(next, isArray, (part, path) => void expected.set(partName('', path), part));
    t.equal(graph.outputs.length, expected.size);
    mapNest(graph.result, isName, (name, path) => {
      const part = expected.get(partName('', path))!;
      const values = [...(isTensor(part) ? part.dataSync() : (part.data as Uint32Array))];
      const { data } = found[name];
      const most = Math.max(1e-3, ...values.map((value) => Math.abs(value)));
      const isNear = values.every((value, i) =>
        part.dtype === 'uint32' ? data[i] >>> 0 === value : Math.abs(Number(data[i]) - value) <= 1e-4 * most,
      );
      t.ok(isNear, `${name} after batch ${seed}`);
    });
    ({ state } = next);
  }
  train.freeTrainState(state);
});

t.test('micro-batches take an open batch of a multiple of their number', async (t) => {
  await engine();
  const line = transform(linear(1));
  const step = train.trainStep<Batch, train.OptimizerState>(
    ({ params }, { x, y }) => train.weighted(train.l2Loss(line.apply(params, {}, x as tf.Tensor2D), y)),
    train.sgd(0.1),
    { microBatches: 2 },
  );
  const start = () => step.init({ params: line.init(key(0), tf.zeros([1, 3])) }, key(1));
  const shapes = { x: { shape: ['batch', 3] }, y: { shape: ['batch', 1] } };
  const options = { names: { inputs: ['state', 'batch'], output: '' }, isComposed: isComposedInOnnx };
  const traced = (sizes: { readonly batch?: number }) =>
    traceFunction(step, [start(), shapes], { ...options, sizes });
  t.throws(() => traced({}), { name: 'OpenSizeError', message: /such as sizes: \{ batch: 2 \}/ });
  const graph = traced({ batch: 2 });
  t.same(graph.multiples, { batch: 2 });
  const session = await started(graphToOnnx(graph));
  for (const size of [2, 10, 22]) {
    const found = await session.run(inputsOf(graph, { state: start(), batch: batchOf(1, size) }));
    const { state, metrics } = step(start(), batchOf(1, size));
    t.ok(difference(found['metrics.loss'], metrics.loss) < 1e-5);
    t.ok(difference(found['state.params.linear.w_1'], state.params.linear.w as tf.Tensor) < 1e-5);
  }
  const odd = { state: start(), batch: batchOf(1, 7) };
  await t.rejects(session.run(inputsOf(graph, odd)), { message: /batch has to be a multiple of 2/ });
});
