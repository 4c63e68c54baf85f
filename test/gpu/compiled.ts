/** Layers and training steps compiled for onnxruntime's WebGPU, beside the engine. */
import * as tf from '@tensorflow/tfjs-core';
import { map as mapRecord, mapWithIndex as mapRecordWithIndex } from 'fp-ts/lib/Record.js';
import * as ort from 'onnxruntime-web/webgpu';
import { float32, type HostArray } from '../../lib/data/array.js';
import { toHost, toTensor } from '../../lib/data/leaf.js';
import { flatten } from '../../lib/data/tree.js';
import { engine } from '../../lib/engine/index.js';
import { chain } from '../../lib/language/combinators/index.js';
import type { Scope } from '../../lib/language/scope.js';
import { transform, transformWithState } from '../../lib/language/transform.js';
import {
  bernoulli,
  gumbel,
  type Key,
  key,
  normal,
  permutation,
  randint,
  split,
  uniform,
} from '../../lib/random/index.js';
import { compile, type CompileOptions, compileStep, type OnnxRuntime } from '../../lib/run/index.js';
import * as train from '../../lib/train/index.js';
import { batchNorm, dropoutLayer, linear, mlp, selfAttention } from '../../modules/index.js';
import { relativeError } from '../golden/compare.js';

ort.env.wasm.wasmPaths = '/';
ort.env.wasm.numThreads = 1;

const options: CompileOptions = { runtime: ort as unknown as OnnxRuntime, providers: ['webgpu'] };

const dataOf = async (tensor: tf.Tensor): Promise<ArrayLike<number>> =>
  (await toHost(tensor)).data as Float32Array;

interface Adapters {
  readonly gpu: { requestAdapter(): Promise<{ readonly features: { has(name: string): boolean } }> };
}

/**
 * The largest difference of a layer's outputs, with weights of that type; what is said meanwhile; and whether the adapter
 * has half precision.
 */
export const checkLayer = async (weights: CompileOptions['weights']) => {
  await engine({ backend: 'cpu' });
  const layer = chain(linear(16), selfAttention({ numHeads: 2 }), mlp());
  const { init, apply } = transform(layer);
  const x = toTensor(normal(key(1), [2, 12, 8])) as tf.Tensor3D;
  const params = init(key(0), x);
  const said: string[] = [];
  const { warn } = console;
  console.warn = (...words: unknown[]) => void said.push(words.join(' '));
  try {
    await using compiled = compile(layer, { params }, { ...options, weights });
    const [found, expected] = await Promise.all([compiled(x).then(dataOf), dataOf(apply(params, {}, x))]);
    const { features } = await (navigator as unknown as Adapters).gpu.requestAdapter();
    return { error: relativeError(found, expected), said, hasHalf: features.has('shader-f16') };
  } finally {
    console.warn = warn;
  }
};

interface Batch {
  readonly x: HostArray;
  readonly y: HostArray;
}

const model = transformWithState(
  chain(batchNorm({ decayRate: 0.9 }), linear(6), dropoutLayer(0.3), mlp(), linear(1)),
);

const loss: train.Loss<Batch> = ({ params, state }, { x, y }, lossOptions) => {
  const { output, state: next } = model.apply(params, state, lossOptions, x as tf.Tensor2D);
  return { ...train.weighted(train.l2Loss(output, y)), state: next };
};

const batchOf = (seed: number): Batch => {
  const x = normal(key(seed), [8, 3]);
  const sums = Array.from({ length: 8 }, (_, i) => x.data[3 * i] - 2 * x.data[3 * i + 1]);
  return { x, y: float32([8, 1], Float32Array.from(sums)) };
};

/** Five steps: the largest differences of losses and of parameters, and the number of arrays that stayed on the device. */
export const checkSteps = async (): Promise<{
  readonly losses: number;
  readonly params: number;
  readonly onDevice: number;
  readonly reading: string;
}> => {
  await engine({ backend: 'cpu' });
  const step = train.trainStep(loss, train.chain(train.clipByGlobalNorm(1), train.adamw(1e-2)));
  const first = () => step.init(model.init(key(0), toTensor(batchOf(1).x) as tf.Tensor2D), key(7));
  await using compiled = compileStep(step, options);
  let own = first();
  let made = await compiled(first(), batchOf(0));
  const before = made.state;
  const [found, expected]: number[][] = [[], []];
  for (let n = 0; n < 5; n++) {
    if (n > 0) made = await compiled(made.state, batchOf(n));
    const next = step(own, batchOf(n));
    own = next.state;
    found.push(made.metrics.loss);
    expected.push((await train.readMetrics(next.metrics)).loss);
  }
  const onDevice = [...made.state.tensors.values()]
    .flat()
    .filter(({ location }) => location === 'gpu-buffer').length;
  const reading = await before.read().then(
    () => 'it can be read',
    (error: unknown) => (error as Error).message,
  );
  const read = await made.state.read();
  const values = async (tree: typeof own.params): Promise<number[]> => {
    const arrays = flatten(tree).map(async ([, leaf]) =>
      Array.from(leaf instanceof tf.Tensor ? await dataOf(leaf) : (leaf.data as Float32Array)),
    );
    return (await Promise.all(arrays)).flat();
  };
  made.state.dispose();
  return {
    losses: relativeError(found, expected),
    params: relativeError(await values(read.params), await values(own.params)),
    onDevice,
    reading,
  };
};

/** The draws of a key, by name: normal and Gumbel floats are rounded as whatever computes them rounds. */
const drawsOf = (drawn: Key): Readonly<Record<string, HostArray>> => {
  const keys = split(drawn, 8);
  return {
    uniform: uniform(keys[1], [7]),
    'uniform from -2 to 1': uniform(keys[2], [7], { min: -2, max: 1 }),
    bernoulli: bernoulli(keys[3], 0.3, [7]),
    randint: randint(keys[4], [7], -5, 12),
    permutation: permutation(keys[5], 7),
    normal: normal(keys[6], [7]),
    gumbel: gumbel(keys[7], [7]),
  };
};

/** The largest difference of each way to take arrays apart and to join them, into and of more than one program binds. */
export const checkManyParts = async (): Promise<Readonly<Record<string, number>>> => {
  await engine({ backend: 'cpu' });
  const x = toTensor(normal(key(1), [13, 4])) as tf.Tensor2D;
  const rows = (input: tf.Tensor): tf.Tensor[] => tf.split(input, 13);
  const layers: Readonly<Record<string, (s: Scope, input: tf.Tensor) => tf.Tensor | tf.Tensor[]>> = {
    split: (_s, input) => rows(input),
    unstack: (_s, input) => tf.unstack(input),
    concat: (_s, input) => tf.concat(rows(input).reverse(), 1),
    stack: (_s, input) => tf.stack(rows(input).reverse()),
    addN: (_s, input) => tf.addN(rows(input)),
  };
  const errors: Record<string, number> = {};
  for (const [name, layer] of Object.entries(layers)) {
    await using compiled = compile(layer, { params: {} as never }, options);
    const [found, expected] = [await compiled(x), layer(undefined as never, x)].map((made) =>
      Promise.all([made].flat().map(dataOf)).then((all) => all.flatMap((data) => Array.from(data))),
    );
    errors[name] = relativeError(await found, await expected);
  }
  return errors;
};

/** The largest difference of each draw from the host's. */
export const checkDraws = async (): Promise<Readonly<Record<string, number>>> => {
  await engine({ backend: 'cpu' });
  const own = drawsOf(key(3));
  type State = Readonly<Record<string, HostArray | tf.Tensor>>;
  const step = (_state: State, batch: { readonly key: Key }) => ({
    state: mapRecord(toTensor)(drawsOf(batch.key)),
    metrics: {},
  });
  await using compiled = compileStep<State, { readonly key: Key }>(step, options);
  const { state } = await compiled(own, { key: key(3) });
  const found = await state.read();
  state.dispose();
  return mapRecordWithIndex((name: string, { data }: HostArray) =>
    Math.max(
      ...Array.from(data as Int32Array, (value, i) =>
        Math.abs(value - (found[name] as { data: Int32Array }).data[i]),
      ),
    ),
  )(own);
};
