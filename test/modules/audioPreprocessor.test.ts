import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import { transform } from '../../lib/language/transform.js';
import { audioPreprocessor } from '../../modules/audioPreprocessor.js';

await engine();

t.test('samples become patches, first to last, with positions from -1 to 1', async (t) => {
  const layer = audioPreprocessor({ samplesPerPatch: 2, position: { kind: 'fourier', numBands: 1 } });
  const samples = tf.reshape(tf.range(0, 6), [1, 6, 1]);
  const { inputs, withoutPositions } = transform(layer).apply({} as Params, {}, samples);
  t.same([...(withoutPositions as tf.Tensor).dataSync()], [0, 1, 2, 3, 4, 5]);
  const [elements] = inputs.arraySync() as number[][][];
  t.same(
    elements.map((element) => element.slice(0, 3)),
    [
      [0, 1, -1],
      [2, 3, 0],
      [4, 5, 1],
    ],
  );
});

t.test("Kinetics' audio has the published size", async (t) => {
  const layer = audioPreprocessor({
    samplesPerPatch: 16,
    position: { kind: 'fourier', numBands: 192, maxResolution: [1920] },
  });
  t.same(outline(layer, [{ shape: [1, 30720, 1] }]).outputs.inputs.shape, [1, 1920, 16 + 385]);
});

t.test('positions can be added, and refined by linear layers', async (t) => {
  const layer = audioPreprocessor({
    samplesPerPatch: 4,
    position: { kind: 'trainable', numChannels: 4 },
    combine: 'add',
    numPositionLayers: 1,
  });
  const { outputs, params } = outline(layer, [{ shape: [2, 12] }]);
  t.same(outputs.inputs.shape, [2, 3, 4]);
  t.same(Object.keys(params), [
    'audio_preprocessor/~_build_network_inputs/trainable_position_encoding',
    'audio_preprocessor/~_build_network_inputs/linear',
  ]);
});

t.test('samples that do not fill patches are an error', async (t) => {
  const layer = audioPreprocessor({ samplesPerPatch: 4, position: { kind: 'fourier', numBands: 1 } });
  t.throws(() => outline(layer, [{ shape: [2, 10, 1] }]), {
    name: 'ShapeError',
    message: 'audio_preprocessor: the number of samples is 10, which samplesPerPatch (4) does not divide',
  });
});
