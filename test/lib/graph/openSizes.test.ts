/** Sizes left open until a graph runs. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { showSize, trace } from '../../../lib/graph/index.js';
import { chain, module, type Scope } from '../../../lib/index.js';
import { attention, layerNorm, linear, trainablePosition } from '../../../modules/index.js';
import { presets } from '../../../presets/index.js';

const shapesOf = (values: readonly { readonly shape: readonly (number | object)[] }[]) =>
  values.map(({ shape }) => shape.map((size) => showSize(size as number)));

t.test('names stand for sizes in every shape that depends on them', async (t) => {
  const layer = chain(layerNorm(), (s: Scope, x: tf.Tensor) => attention({ numHeads: 2 })(s, x, x));
  const { inputs, outputs, nodes, calls } = trace(layer, [{ shape: ['batch', 'n', 6] }]);
  t.same(shapesOf(inputs), [['batch', 'n', '6']]);
  t.same(shapesOf(outputs.map(({ value }) => value)), [['batch', 'n', '6']]);
  const affine = nodes.find(({ kernel }) => kernel === 'RengaAffine');
  t.same(shapesOf(affine?.outputs ?? []), [['batch*n', '6']]);
  t.same(
    calls.at(-1)?.outputs.map((shape) => shape.map((size) => showSize(size))),
    [['batch', 'n', '6']],
  );
});

t.test('numbers stay numbers', async (t) => {
  const { inputs } = trace(linear(2), [{ shape: ['batch', 4] }]);
  t.equal(inputs[0].shape[1], 4);
});

t.test('where what a layer does depends on an open size, the layer is named', async (t) => {
  const byTwo = module('by_two', () => (x: tf.Tensor) => (x.shape[0] % 2 ? tf.neg(x) : x));
  t.throws(() => trace(byTwo, [{ shape: ['batch', 4] }]), {
    name: 'OpenSizeError',
    message: /which operations run depends on how large 'batch' is/,
  });
  const counted = module('counted', () => (x: tf.Tensor) => tf.mul(x, x.shape[0]));
  t.throws(() => trace(counted, [{ shape: ['batch', 4] }]), {
    message:
      "counted: a constant of 'b' of Multiply depends on how large 'batch' is in a way that a graph cannot say; give a number",
  });
  const squared = module('squared', () => (x: tf.Tensor) => tf.tile(x, [x.shape[0] as number, 1]));
  t.throws(() => trace(squared, [{ shape: ['batch', 4] }]), { message: /^squared: / });
});

t.test('a layer of fixed length refuses another in its own words', async (t) => {
  const fixed = (s: Scope, x: tf.Tensor) => tf.add(x, trainablePosition(8, { numChannels: 4 })(s, 1));
  t.throws(() => trace(fixed, [{ shape: [1, 'n', 4] }]));
});

t.test('a layer is read at sizes that it takes', async (t) => {
  const halves = module('halves', () => (x: tf.Tensor) => tf.split(x, 2, 0)[0]);
  t.throws(() => trace(halves, [{ shape: ['n', 3] }]));
  const { outputs } = trace(halves, [{ shape: ['n', 3] }], { sizes: { n: 2 } });
  t.same(shapesOf(outputs.map(({ value }) => value)), [['0.5*n', '3']]);
});

t.test('several sizes are open at once: points of a video, of its sound, and how many clips', async (t) => {
  const model = presets.multimodal({
    numFrames: 2,
    patchGrid: 4,
    samplesPerFrame: 32,
    encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 4 },
  });
  const { outputs } = trace(model.network, model.openInputs, { names: model.names });
  t.same(Object.fromEntries(outputs.map(({ name, value }) => [name, shapesOf([value])[0]])), {
    'decoded.audio': ['batch', '16*audio_points'],
    'decoded.image': ['batch', 'image_points', '3'],
    'decoded.label': ['batch', '700'],
  });
});
