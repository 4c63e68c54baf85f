/** Models as ONNX, run by onnxruntime against our own engine. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { fromBinary } from '@bufbuild/protobuf';
import type { Sizes } from '../../../lib/graph/index.js';
import {
  chain,
  engine,
  isTensor,
  key,
  module,
  residual,
  type Scope,
  transform,
  valueAndGrad,
} from '../../../lib/index.js';
import { partsOf } from '../../../lib/data/nest.js';
import {
  exportOnnx,
  onnxBytes,
  type OnnxModel,
  type Products,
  UnsupportedError,
  type WeightType,
} from '../../../lib/onnx/index.js';
import { ModelProtoSchema, TensorProto_DataType as DataType } from '../../../lib/onnx/onnx_pb.js';
import {
  attend,
  attention,
  encoder,
  fourierFeatures,
  fourierPosition,
  layerNorm,
  linear,
  mlp,
  selfAttend,
  trainablePosition,
} from '../../../modules/index.js';
import type { AnyModel } from '../../../presets/preset.js';
import { networks } from '../../presets/networks.js';
import { smallInputs, smallModel, smallWeights } from '../../presets/small.js';
import { difference, started } from './runtime.js';

/** Largest difference allowed, as a share of the largest output. */
const tolerance = 1e-4;
const halfTolerance = 2e-2;

const exported = (
  model: AnyModel,
  weights: ReturnType<typeof smallWeights>,
  type?: WeightType,
  products?: Products,
): OnnxModel =>
  exportOnnx(model.network, weights, model.openInputs, { names: model.names, weights: type, products });

/** The difference between a runtime and a model, in the worst of its outputs. */
const worst = async (
  model: AnyModel,
  weights: ReturnType<typeof smallWeights>,
  { run }: Awaited<ReturnType<typeof started>>,
  sizes: Sizes,
): Promise<number> => {
  const inputs = smallInputs(model, sizes);
  const found = Object.values(await run(partsOf(inputs, isTensor)));
  const { output } = model.apply(weights.params, weights.state, {}, ...(inputs as never[]));
  const expected = partsOf(output, isTensor);
  if (found.length !== expected.length) return Infinity;
  return Math.max(...found.map((each, i) => difference(each, expected[i])));
};

const someSizes = [
  { batch: 1, entities: 5, image_points: 3, audio_points: 2 },
  { batch: 3, entities: 9, image_points: 7, audio_points: 4 },
];

for (const [name] of networks) {
  t.test(`${name}: onnxruntime computes what we compute, for any batch`, async (t) => {
    await engine();
    const model = smallModel(name);
    const weights = smallWeights(model);
    const runtime = await started(exported(model, weights));
    for (const sizes of someSizes) {
      const far = await worst(model, weights, runtime, sizes);
      t.ok(far < tolerance, `${JSON.stringify(sizes)}: ${far}`);
    }
    const half = await started(exported(model, weights, 'float16'));
    const far = await worst(model, weights, half, someSizes[0]);
    t.ok(far > 0 && far < halfTolerance, `with halves: ${far}`);
    const computed = await started(exported(model, weights, 'float16', 'float16'));
    const farther = await worst(model, weights, computed, someSizes[0]);
    t.ok(farther > 0 && farther < 1e-2, `computed in halves: ${farther}`);
  });
}

const message = (model: OnnxModel) => fromBinary(ModelProtoSchema, onnxBytes(model));

const shapeOf = (info: {
  type?: { value: { value?: { shape?: { dim: { value: { value?: unknown } }[] } } } };
}) => info.type?.value.value?.shape?.dim.map(({ value }) => value.value);

t.test('inputs, outputs and initialisers have names that people can read', async (t) => {
  await engine();
  const model = smallModel('multimodal');
  const { graph, irVersion, opsetImport, producerName } = message(exported(model, smallWeights(model)));
  t.same(
    graph?.input.map((input) => [input.name, shapeOf(input)]),
    [
      ['image', ['batch', 2n, 16n, 16n, 3n]],
      ['audio', ['batch', 64n, 1n]],
      ['label', ['batch', 7n]],
      ['points.image', ['image_points']],
      ['points.audio', ['audio_points']],
    ],
  );
  t.same(
    graph?.output.map((output) => [output.name, shapeOf(output)]),
    [
      ['decoded.audio', ['batch', '16*audio_points']],
      ['decoded.image', ['batch', 'image_points', 3n]],
      ['decoded.label', ['batch', 7n]],
    ],
  );
  const names = graph?.initializer.map(({ name }) => name) ?? [];
  t.ok(names.includes('encoder/~/self_attention/attention/linear/w'));
  t.ok(names.includes('multimodal_decoder/~decoder_query/image_padding/pos_embs'));
  t.equal(new Set(names).size, names.length);
  const nodes = graph?.node.map(({ name }) => name) ?? [];
  t.equal(new Set(nodes).size, nodes.length);
  t.ok(nodes.includes('encoder/~/self_attention/attention/Softmax'));
  t.ok(Number(irVersion) >= 8 && Number(opsetImport[0].version) >= 18);
  t.equal(producerName, 'renga');
});

t.test('a file says what it was made of', async (t) => {
  const weights = { params: transform(linear(2)).init(key(0), { shape: [1, 3] }) };
  const metadata = { preset: 'none', checkpoint: 'trained.npz' };
  const model = message(
    exportOnnx(linear(2), weights, [{ shape: ['batch', 3] }], { name: 'tiny', metadata }),
  );
  t.equal(model.graph?.name, 'tiny');
  t.same(Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])), metadata);
});

/** Irregular sensor readings to forecasts: a model that nobody published, with a layer of its author's own. */
const gated = (channels: number) =>
  module('gated', (s) => {
    const value = s.declare(linear(channels));
    const gate = s.declare(linear(channels, { name: 'gate' }));
    return (x: tf.Tensor) => tf.mul(value(x), tf.sigmoid(gate(x)));
  });

const forecaster = (s: Scope, times: tf.Tensor, values: tf.Tensor, present: tf.Tensor) => {
  const [batch] = values.shape;
  const where = fourierFeatures(times, { numBands: 4, maxResolution: [16] });
  const inputs = gated(24)(s, tf.concat([values, where], 2));
  const perceiver = s.declare(
    encoder({ numLatents: 8, numLatentChannels: 32, numBlocks: 2, numSelfAttendsPerBlock: 1 }),
  );
  const latents = perceiver(inputs, perceiver.latents(batch), present);
  const refined = residual(chain(layerNorm(), selfAttend({ numHeads: 2 }), mlp()))(s, latents);
  const queries = trainablePosition(4, { numChannels: 32, name: 'forecasts' })(s, batch);
  return { mean: attention({ numHeads: 4 })(s, queries, refined), level: tf.mean(refined, [1, 2]) };
};

t.test("a user's own model, with any batch and any number of readings", async (t) => {
  await engine();
  const open = [
    { shape: ['batch', 'readings', 1] },
    { shape: ['batch', 'readings', 3] },
    { shape: ['batch', 'readings'] },
  ] as const;
  const { init, apply } = transform(forecaster);
  const params = init(key(4), { shape: [1, 5, 1] }, { shape: [1, 5, 3] }, { shape: [1, 5] });
  const names = { inputs: ['times', 'values', 'present'], output: 'forecast' };
  const runtime = await started(exportOnnx(forecaster, { params }, open, { names }));
  t.same(runtime.names, {
    inputs: ['times', 'values', 'present'],
    outputs: ['forecast.mean', 'forecast.level'],
  });
  for (const [batch, readings] of [
    [1, 5],
    [3, 11],
  ]) {
    const inputs = [
      tf.randomUniform([batch, readings, 1], -1, 1, 'float32', 1),
      tf.randomNormal([batch, readings, 3], 0, 1, 'float32', 2),
      tf.cast(tf.greater(tf.randomUniform([batch, readings], -1, 1, 'float32', 3), 0), 'float32'),
    ] as const;
    const found = await runtime.run(inputs);
    const expected = apply(params, {}, ...inputs);
    t.ok(difference(found['forecast.mean'], expected.mean) < tolerance);
    t.ok(difference(found['forecast.level'], expected.level) < tolerance);
  }
});

t.test('a reading where nothing is present gives what it gives here', async (t) => {
  await engine();
  const masked = (s: Scope, x: tf.Tensor, mask: tf.Tensor) => attention({ numHeads: 2 })(s, x, x, mask);
  const shapes = [{ shape: [1, 3, 4] }, { shape: [1, 3, 3], dtype: 'bool' }] as const;
  const { init, apply } = transform(masked);
  const params = init(key(5), ...shapes);
  const inputs = [
    tf.randomNormal([1, 3, 4], 0, 1, 'float32', 6),
    tf.tensor([1, 1, 0, 0, 0, 0, 0, 1, 0], [1, 3, 3], 'bool'),
  ] as const;
  const { run } = await started(exportOnnx(masked, { params }, shapes));
  t.ok(difference((await run(inputs)).output, apply(params, {}, ...inputs)) < tolerance);
});

t.test('outputs may be inputs, weights, constants, and the same value twice', async (t) => {
  await engine();
  const layer = (s: Scope, x: tf.Tensor) => {
    const y = tf.neg(x);
    return { x, y, again: y, w: trainablePosition(2, { numChannels: 2 })(s, 1), one: tf.ones([2]) };
  };
  const { init, apply } = transform(layer);
  const params = init(key(6), { shape: [3] });
  const x = tf.tensor1d([1, 2, 3]);
  const { run } = await started(exportOnnx(layer, { params }, [x]));
  const found = await run([x]);
  for (const [name, expected] of Object.entries(apply(params, {}, x)))
    t.equal(difference(found[`output.${name}`], expected), 0, name);
});

t.test('attention over long inputs works on some queries at a time', async (t) => {
  await engine();
  const [queries, keys] = [600, 60_000];
  const layer = (_s: Scope, q: tf.Tensor, k: tf.Tensor, mask: tf.Tensor) => attend(q, k, k, { mask });
  const shapes = [
    { shape: [1, queries, 1, 1] },
    { shape: [1, keys, 1, 1] },
    { shape: [1, queries, keys], dtype: 'bool' },
  ] as const;
  const { graph } = message(exportOnnx(layer, { params: {} as never }, shapes));
  t.equal(graph?.node.filter(({ opType }) => opType === 'Softmax').length, 2);
});

t.test('halves are halves in the file, and small arrays stay as they are', async (t) => {
  const wide = linear(64);
  const weights = { params: transform(wide).init(key(0), { shape: [1, 64] }) };
  const types = (type?: WeightType) =>
    message(exportOnnx(wide, weights, [{ shape: [1, 64] }], { weights: type })).graph?.initializer.map(
      ({ name, dataType }) => [name, dataType],
    );
  t.same(types('float16'), [
    ['linear/w', DataType.FLOAT16],
    ['linear/b', DataType.FLOAT],
  ]);
  t.same(types()?.[0], ['linear/w', DataType.FLOAT]);
});

t.test('what ONNX has no form for is said with the module', async (t) => {
  const odd = module('odd', () => (x: tf.Tensor) => tf.diag(x));
  t.throws(() => exportOnnx(odd, { params: {} as never }, [{ shape: [2] }]), {
    name: UnsupportedError.name,
    message: 'odd: ONNX has no form of Diag',
  });
});

t.test('parameters that are missing are named', async (t) => {
  const layer = linear(2);
  const model = exportOnnx(layer, { params: {} as never }, [{ shape: [1, 3] }]);
  t.throws(() => onnxBytes(model), { message: "there is no 'linear/w' to export" });
});

t.test('parameters of other shapes than the inputs ask for are named', async (t) => {
  const layer = linear(2);
  const params = transform(layer).init(key(0), { shape: [1, 3] });
  const model = exportOnnx(layer, { params }, [{ shape: [1, 4] }]);
  t.throws(() => onnxBytes(model), { message: 'linear/w: shape is [3, 2], expected [4, 2]' });
});

t.test('positions of a large grid are computed by the runtime and not stored', async (t) => {
  await engine();
  const layer = (s: Scope, x: tf.Tensor) =>
    tf.concat([x, fourierPosition([224, 224], { numBands: 64 })(s, x.shape[0])], 2);
  const pixels = tf.randomUniform([1, 224 * 224, 3], 0, 1, 'float32', 1);
  const params = transform(layer).init(key(0), pixels);
  const model = exportOnnx(layer, { params }, [{ shape: ['batch', 224 * 224, 3] }]);
  t.ok(onnxBytes(model).length < 20_000, `${onnxBytes(model).length} bytes`);
  const [found] = Object.values(await (await started(model)).run([pixels]));
  const expected = transform(layer).apply(params, {}, pixels);
  t.ok(difference(found, expected) < 1e-4);
  tf.dispose([pixels, expected]);
});

t.test('windows with strides over images of open sizes, which are multiples of these', async (t) => {
  await engine();
  const filter = tf.ones([3, 3, 3, 4]) as tf.Tensor4D;
  const none = transform((_s: Scope, x: tf.Tensor) => x).init(key(0), tf.zeros([1]));
  const layers: Readonly<Record<string, (s: Scope, x: tf.Tensor4D) => tf.Tensor>> = {
    max: (_s, x) => tf.maxPool(x, 2, 2, 'same'),
    average: (_s, x) => tf.avgPool(x, 3, 2, 'same'),
    convolution: (_s, x) => tf.conv2d(x, filter, 2, 'same'),
    strided: (_s, x) => tf.stridedSlice(x, [0, 1], [x.shape[0], x.shape[1]], [1, 2]),
    backwards: (_s, x) => tf.stridedSlice(x, [0, x.shape[1] - 1], [0, 0], [1, -2], 1, 3),
    transposed: (_s, x) => {
      const [b, h, w] = x.shape;
      return tf.conv2dTranspose(x, tf.ones([3, 3, 4, 3]) as tf.Tensor4D, [b, 2 * h, 2 * w, 4], 2, 'same');
    },
  };
  for (const [name, layer] of Object.entries(layers)) {
    const inputs = [{ shape: ['b', 'h', 'w', 3] }] as const;
    const model = exportOnnx(layer, { params: none }, inputs as never, { sizes: { h: 2, w: 2 } });
    const { run } = await started(model);
    for (const shape of [
      [1, 2, 6],
      [2, 12, 30],
    ] as const) {
      const x = tf.randomNormal([...shape, 3], 0, 1, 'float32', 1) as tf.Tensor4D;
      t.ok(difference((await run([x])).output, transform(layer).apply(none, {}, x)) < 1e-5, name);
    }
    const odd = run([tf.zeros([1, 7, 8, 3])]);
    const any = ({ transposed: [1, 14, 16, 4], strided: [1, 3, 8, 3] } as Record<string, number[]>)[name];
    if (any) t.same((await odd).output.dims, any);
    else await t.rejects(odd, { message: /h has to be a multiple of 2/ });
  }
  const every = (_s: Scope, x: tf.Tensor) => tf.stridedSlice(x, [0, 0], [x.shape[0], 4], [1, 2]);
  const { run } = await started(exportOnnx(every, { params: none }, [{ shape: ['n', 4] }]));
  const x = tf.tensor2d([1, 2, 3, 4], [1, 4]);
  t.same((await run([x])).output.data, [1, 3], 'an open batch beside a stride of a known size');
});

t.test('a gradient of a mean over an open batch divides by the batch that there is', async (t) => {
  await engine();
  const spread = (x: tf.Tensor) => tf.mean(tf.moments(x, [0]).variance);
  const layer = (_s: Scope, x: tf.Tensor) => valueAndGrad(spread)(x).grads as tf.Tensor;
  const model = exportOnnx(layer, { params: {} as never }, [{ shape: ['n', 2] }], { names: { output: 'y' } });
  const x = tf.tensor2d([1, 2, 4, 8, 3, 9, 5, 1], [4, 2]);
  const runtime = await started(model);
  const { y } = await runtime.run([x]);
  t.ok(difference(y, layer(undefined as never, x)) < 1e-6);
});
