import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import { key } from '../../lib/random/index.js';
import type { Scope } from '../../lib/language/scope.js';
import { transform } from '../../lib/language/transform.js';
import { asTheyAre } from '../../modules/perceiver.js';
import { audioPreprocessor } from '../../modules/audioPreprocessor.js';
import { imagePreprocessor } from '../../modules/imagePreprocessor.js';
import {
  multimodalPreprocessor,
  type MultimodalPreprocessorOptions,
} from '../../modules/multimodalPreprocessor.js';
import { oneHotPreprocessor } from '../../modules/oneHotPreprocessor.js';

await engine();

/** Two modalities that are sequences already: `b`, declared first, and `a`. */
const two = (options: MultimodalPreprocessorOptions = {}) =>
  multimodalPreprocessor({ b: asTheyAre, a: asTheyAre }, options);

const x = { a: tf.ones([1, 2, 1]), b: tf.fill([1, 1, 3], 2) };
/** Values of what one element of each modality is padded with, and of its mask token. */
const padding = (value: number, width: number) => ({ pos_embs: tf.fill([1, width], value) });
const params = {
  'multimodal_preprocessor/a_padding': padding(7, 4),
  'multimodal_preprocessor/b_padding': padding(8, 2),
  'multimodal_preprocessor/a_mask_token': padding(70, 5),
  'multimodal_preprocessor/b_mask_token': padding(80, 5),
} as unknown as Params;

t.test('modalities are padded to one width and put in the order of their names', async (t) => {
  const { inputs, modalitySizes, withoutPositions } = transform(two()).apply(params, {}, x);
  t.same(inputs.arraySync(), [
    [
      [1, 7, 7, 7, 7],
      [1, 7, 7, 7, 7],
      [2, 2, 2, 8, 8],
    ],
  ]);
  t.same(Object.entries(modalitySizes ?? {}), [
    ['a', 2],
    ['b', 1],
  ]);
  t.same(Object.keys(withoutPositions), ['b', 'a']);
});

t.test('probability 1 leaves the tokens alone, 0 leaves everything, and neither needs a key', async (t) => {
  const { inputs } = transform(two({ maskProbs: { a: 1, b: 0 } })).apply(params, {}, x);
  t.same(inputs.arraySync(), [
    [
      [70, 70, 70, 70, 70],
      [70, 70, 70, 70, 70],
      [2, 2, 2, 8, 8],
    ],
  ]);
});

t.test('between 0 and 1 whole elements are masked, about as many as asked', async (t) => {
  const many = { a: tf.ones([1, 4000, 1]), b: x.b };
  const masked = transform(two({ maskProbs: { a: 0.3, b: 0 } }));
  const { inputs } = masked.apply(params, { key: key(5) }, many);
  const elements = (inputs.arraySync() as number[][][])[0].slice(0, 4000);
  t.ok(elements.every((element) => [`${[70, 70, 70, 70, 70]}`, `${[1, 7, 7, 7, 7]}`].includes(`${element}`)));
  const share = elements.filter(([first]) => first === 70).length / 4000;
  t.ok(Math.abs(share - 0.3) < 0.03, `${share} of them`);
  t.throws(() => masked.apply(params, {}, x), { name: 'MissingKeyError' });
});

t.test('parameters and keys are asked for in declared order: padding, token, mask', async (t) => {
  const { params, draws } = outline(two({ maskProbs: { a: 0.5, b: 0 } }), [x]);
  t.same(
    Object.entries(params).map(([path, { pos_embs }]) => [path.split('/')[1], pos_embs.draw, pos_embs.shape]),
    [
      ['b_padding', 0, [1, 2]],
      ['b_mask_token', 1, [1, 5]],
      ['a_padding', 3, [1, 4]],
      ['a_mask_token', 4, [1, 5]],
    ],
  );
  t.same(draws, 6);
});

t.test("Kinetics' video, audio and label become 52,097 elements of 704 channels", async (t) => {
  const layer = (s: Scope, inputs: { image: tf.Tensor; audio: tf.Tensor; label: tf.Tensor }) =>
    multimodalPreprocessor(
      {
        audio: s.declare(
          audioPreprocessor({
            samplesPerPatch: 16,
            position: { kind: 'fourier', numBands: 192, maxResolution: [1920] },
          }),
        ),
        image: s.declare(
          imagePreprocessor({
            features: { kind: 'patches', spatialDownsample: 4 },
            position: { kind: 'fourier', numBands: 32, maxResolution: [16, 56, 56] },
          }),
        ),
        label: s.declare(oneHotPreprocessor()),
      },
      { minPaddingSize: 4, maskProbs: { image: 0, audio: 0, label: 1 } },
    )(s, inputs);
  const { outputs, params } = outline(layer, [
    { image: { shape: [1, 16, 224, 224, 3] }, audio: { shape: [1, 30720, 1] }, label: { shape: [1, 700] } },
  ]);
  t.same(outputs.inputs.shape, [1, 52097, 704]);
  t.same({ ...outputs.modalitySizes }, { audio: 1920, image: 50176, label: 1 });
  const width = (name: string) => params[`multimodal_preprocessor/${name}_padding`].pos_embs.shape[1];
  t.same([width('image'), width('audio'), width('label')], [461, 303, 4]);
});

t.test('gradients reach tokens where elements are masked, and inputs where they are not', async (t) => {
  const model = transform(two({ maskProbs: { a: 1, b: 0 } }));
  const [dToken, db] = tf.grads((token, b) => {
    const trained = { ...params, 'multimodal_preprocessor/a_mask_token': { pos_embs: token } };
    return tf.sum(model.apply(trained as Params, {}, { a: x.a, b }).inputs);
  })([tf.ones([1, 5]), x.b]);
  t.same([...dToken.dataSync()], [2, 2, 2, 2, 2]);
  t.same([...db.dataSync()], [1, 1, 1]);
});

t.test('what does not fit is an error', async (t) => {
  t.throws(() => transform(two()).apply(params, {}, { a: x.a }), {
    message: "multimodal_preprocessor: there is no input for the modality 'b'",
  });
  t.throws(() => transform(two()).apply(params, {}, { ...x, b: tf.ones([1, 3]) }), {
    name: 'ShapeError',
    message: 'multimodal_preprocessor: b has shape [1, 3], expected [B, M, C]',
  });
  t.throws(() => two({ maskProbs: { a: 0.1, c: 0.1 } }), {
    name: 'ConfigError',
    message:
      /maskProbs\.b: found nothing.*maskProbs\.c: found 0\.1, expected no such modality \(there are b, a\)/,
  });
  t.throws(() => two({ maskProbs: { a: 0.1, b: 1.5 } }), { name: 'ConfigError', message: /maskProbs\.b/ });
});
