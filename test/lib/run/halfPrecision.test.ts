/**
 * Half precision in `compile`: chosen where a page's graphics processor has it, forced, and forbidden. The adapter is a
 * stand-in; what is compiled for it is run by onnxruntime on the processor, which takes float16 graphs and drops the casts that
 * it need not make.
 */
import { fromBinary } from '@bufbuild/protobuf';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import t, { type Test } from 'tap';
import { chain, engine, key, transform } from '../../../lib/index.js';
import { ModelProtoSchema } from '../../../lib/onnx/onnx_pb.js';
import { compile, type CompileOptions, type OnnxRuntime } from '../../../lib/run/index.js';
import { linear, mlp, selfAttention } from '../../../modules/index.js';
import { difference } from '../onnx/runtime.js';

/** A page whose adapter has these features, and an onnxruntime that keeps the models it is given. */
const pageWith = (t: Test, ...features: readonly string[]) => {
  const models: Uint8Array[] = [];
  const runtime: OnnxRuntime = {
    Tensor: ort.Tensor,
    env: { wasm: {}, versions: { common: ort.env.versions.common, web: ort.env.versions.common } },
    InferenceSession: {
      create: (model) => {
        models.push(model);
        return ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
      },
    },
  };
  const said: string[] = [];
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const { warn } = console;
  const gpu = { requestAdapter: async () => ({ features: new Set(features) }) };
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  console.warn = (line: string) => void said.push(line);
  t.teardown(() => {
    console.warn = warn;
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  });
  return { runtime, models, said };
};

/** The number of products of a model, and of casts to float16. */
const counts = (bytes: Uint8Array) => {
  const nodes = fromBinary(ModelProtoSchema, bytes).graph?.node ?? [];
  const isHalving = ({ opType, attribute }: (typeof nodes)[number]) =>
    opType === 'Cast' && attribute.some(({ i }) => i === 10n);
  return {
    products: nodes.filter(({ opType }) => opType === 'MatMul' || opType === 'Gemm').length,
    halvings: nodes.filter(isHalving).length,
  };
};

const layer = chain(linear(32), selfAttention({ numHeads: 2 }), mlp());

/** A run of the layer: the largest difference from the engine's, and the model. */
const ran = async (page: ReturnType<typeof pageWith>, options: CompileOptions) => {
  const { init, apply } = transform(layer);
  const x = tf.randomNormal([2, 12, 40], 0, 1, 'float32', 3) as tf.Tensor3D;
  const params = init(key(0), x);
  await using compiled = compile(layer, { params }, { ...options, runtime: page.runtime });
  const found = await compiled(x);
  const error = difference(
    { dims: found.shape, data: found.dataSync() as Float32Array },
    apply(params, {}, x),
  );
  return { error, ...counts(page.models.at(-1) as Uint8Array) };
};

const webgpu = { providers: ['webgpu'] };

t.before(() => engine());

t.test('with float16 weights, products are float16 where the adapter has half precision', async (t) => {
  const page = pageWith(t, 'shader-f16');
  const { error, products, halvings } = await ran(page, { ...webgpu, weights: 'float16' });
  t.ok(products > 5 && halvings >= products, 'each product rounds an input');
  t.ok(error > 1e-5 && error < 1e-2, `${error}`);
  const forbidden = await ran(page, { ...webgpu, weights: 'float16', products: 'float32' });
  t.equal(forbidden.halvings, 0);
  t.equal((await ran(page, webgpu)).halvings, 0, 'float32 where nothing is asked for');
  t.same(page.said, []);
});

t.test('where the adapter has none, a line says so and all is float32', async (t) => {
  const page = pageWith(t);
  const line = 'compile: this graphics processor has no half precision (shader-f16): ';
  for (const options of [{ weights: 'float16' }, { products: 'float16' }] as const) {
    const { error, halvings } = await ran(page, { ...webgpu, ...options });
    t.equal(halvings, 0);
    t.ok(error < 1e-5, `${error}`);
  }
  t.same(page.said, [`${line}weights and products are float32`, `${line}products are float32`]);
});

t.test('on the processor, float16 products are computed where they are asked for', async (t) => {
  const page = pageWith(t);
  const wasm = { providers: ['wasm'] };
  for (const weights of ['float32', 'float16', 'int8', 'int4'] as const) {
    const half = await ran(page, { ...wasm, weights, products: 'float16' });
    const whole = await ran(page, { ...wasm, weights });
    t.ok(half.halvings > 0 && whole.halvings === 0);
    t.ok(half.error > 1e-5 && half.error < whole.error + 1e-2, `${weights}: ${half.error}, ${whole.error}`);
  }
  t.same(page.said, []);
});
