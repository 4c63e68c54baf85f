/** What holds for every layer, whatever it computes. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { toHostSync, isTensor, type Params } from '../../lib/data/leaf.js';
import { engine } from '../../lib/engine/index.js';
import { mapNest, partsOf } from '../../lib/data/nest.js';
import { outline } from '../../lib/language/outline.js';
import { key } from '../../lib/random/index.js';
import type { Layer, Scope } from '../../lib/language/scope.js';
import { transformWithState } from '../../lib/language/transform.js';
import { map, paths } from '../../lib/data/trees.js';
import { valueAndGrad } from '../../lib/language/valueAndGrad.js';
import * as nn from '../../modules/index.js';

await engine();

type AnyLayer = Layer<tf.Tensor[], unknown>;

const x = tf.randomNormal([2, 6, 8], 0, 1, 'float32', 1);
const image = tf.randomNormal([2, 8, 8, 3], 0, 1, 'float32', 2);
const sound = tf.randomNormal([2, 32], 0, 1, 'float32', 3);
const fourier = { kind: 'fourier', numBands: 2 } as const;
const trained = { kind: 'trainable', numChannels: 8 } as const;

/** A layer of every kind, with inputs. */
const layers: Readonly<Record<string, readonly [layer: AnyLayer, ...inputs: tf.Tensor[]]>> = {
  linear: [nn.linear(3), x],
  layerNorm: [nn.layerNorm(), x],
  batchNorm: [(s, y) => nn.batchNorm({ decayRate: 0.9 })(s, y), image],
  embed: [nn.embed({ vocabSize: 5, numChannels: 4 }), tf.tensor2d([0, 4, 2, 1], [2, 2], 'int32')],
  conv2d: [nn.conv2d({ outputChannels: 4, kernelShape: 3, stride: 2 }), image],
  conv2dTranspose: [nn.conv2dTranspose({ outputChannels: 4, kernelShape: 4, stride: 2 }), image],
  mlp: [nn.mlp({ dropoutRate: 0.5 }), x],
  attention: [nn.attention({ numHeads: 2 }) as AnyLayer, x, x],
  selfAttention: [
    nn.selfAttention({ numHeads: 2, dropoutRate: 0.3, attentionDropoutRate: 0.2 }) as AnyLayer,
    x,
  ],
  crossAttention: [nn.crossAttention({ numHeads: 2 }) as AnyLayer, x, tf.reshape(x, [2, 12, 4])],
  imageConv: [
    nn.imagePreprocessor({ features: { kind: 'conv', numChannels: 4 }, position: fourier }) as AnyLayer,
    image,
  ],
  imagePatches: [
    nn.imagePreprocessor({
      features: { kind: 'patches', spatialDownsample: 2 },
      position: trained,
    }) as AnyLayer,
    image,
  ],
  audio: [nn.audioPreprocessor({ samplesPerPatch: 8, position: fourier }) as AnyLayer, sound],
  conv2dUpsample: [nn.conv2dUpsample({ outputChannels: 3 }) as AnyLayer, image],
  perceiver: [
    (s: Scope, y: tf.Tensor) =>
      nn.perceiver({
        preprocessor: nn.asTheyAre,
        encoder: s.declare(
          nn.encoder({
            numLatents: 4,
            numLatentChannels: 8,
            numBlocks: 2,
            numSelfAttendsPerBlock: 1,
            numSelfAttendHeads: 2,
          }),
        ),
        decoder: s.declare(nn.classificationDecoder({ numClasses: 3, position: trained })),
        postprocessor: nn.unchanged<tf.Tensor2D>,
      })(s, y),
    x,
  ],
};

const shapesOf = (nest: unknown): unknown =>
  mapNest(nest, isTensor, ({ shape, dtype }) => ({ shape, dtype }));
const valuesOf = (nest: unknown): unknown[] =>
  partsOf(nest, isTensor).map((tensor) => [...tensor.dataSync()]);

for (const [name, [layer, ...inputs]] of Object.entries(layers)) {
  const model = transformWithState(layer);

  t.test(`${name}: the shape-only reading tells what init and apply give`, async (t) => {
    const { params, state } = model.init(key(1), ...inputs);
    const told = outline(layer, inputs);
    t.same(
      map(params, ({ shape }) => shape),
      map(told.params, ({ shape }) => shape),
    );
    t.same(paths(state), paths(told.state));
    const { output } = model.apply(params, state, { key: key(2), isTraining: true }, ...inputs);
    t.same(shapesOf(output), told.outputs);
    tf.dispose(partsOf(output, isTensor));
  });

  t.test(`${name}: same arguments, same result, and nothing left but the result`, async (t) => {
    const { params, state } = model.init(key(1), ...inputs);
    const copy = structuredClone(map(params, ({ data }) => data));
    const run = () => model.apply(params, state, { key: key(2), isTraining: true }, ...inputs);
    const first = run();
    const before = tf.memory().numTensors;
    const second = run();
    t.same(valuesOf(second), valuesOf(first));
    t.ok(
      valuesOf(first)
        .flat()
        .every((value) => Number.isFinite(value)),
    );
    t.equal(tf.memory().numTensors, before + partsOf(second, isTensor).length);
    t.same(
      map(params, ({ data }) => data),
      copy,
      'arguments are untouched',
    );
  });

  t.test(`${name}: every parameter has a gradient, and steps against it lower a loss`, async (t) => {
    const { params, state } = model.init(key(1), ...inputs);
    const before = tf.memory().numTensors;
    const loss = (p: Params): tf.Scalar => {
      const { output } = model.apply(p, state, { key: key(2), isTraining: true }, ...inputs);
      const squares = partsOf(output, isTensor).map((part) => tf.mean(tf.square(part)));
      return tf.addN(squares) as tf.Scalar;
    };
    const { value, grads } = valueAndGrad(loss)(params);
    t.same(paths(grads), paths(params));
    const hosts = map(grads, toHostSync);
    const steps = Object.fromEntries(
      Object.entries(params).map(([path, leaves]) => [
        path,
        Object.fromEntries(
          Object.entries(leaves).map(([leaf, { shape, dtype, data }]) => {
            const slope = hosts[path][leaf].data as Float32Array;
            return [leaf, { shape, dtype, data: (data as Float32Array).map((w, i) => w - 1e-3 * slope[i]) }];
          }),
        ),
      ]),
    );
    const slopes = Object.values(hosts).flatMap((leaves) =>
      Object.values(leaves).flatMap(({ data }) => [...(data as Float32Array)]),
    );
    t.ok(slopes.every(Number.isFinite));
    // What a step of 1e-3 gains to first order; float32 shows a ten-thousandth of the loss.
    const gain = 1e-3 * slopes.reduce((sum, slope) => sum + slope * slope, 0);
    const [now] = value.dataSync();
    const next = tf.tidy(() => loss(steps as unknown as Params).dataSync()[0]);
    t.ok(gain > 1e-4 * now ? next < now : Math.abs(next - now) <= 1e-3 * now, `${next} after ${now}`);
    tf.dispose([value, grads]);
    t.ok(tf.memory().numTensors <= before + paths(state).length * 2, 'nothing else is left');
  });
}
