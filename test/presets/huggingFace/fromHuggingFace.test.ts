/** Configs of Hugging Face's: as presets' and back; every key is used, named as ignored, or refused. */
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { language, presets } from '../../../presets/index.js';
import { type Architecture, architectures, families } from '../../../presets/huggingFace/families.js';
import {
  fromHuggingFace,
  type HuggingFaceModel,
  toHuggingFace,
} from '../../../presets/huggingFace/fromHuggingFace.js';
import { leavesOf } from '../../../presets/huggingFace/config.js';
import { published, tiny } from './weights.js';

const rightOf = (read: ReturnType<typeof fromHuggingFace>): HuggingFaceModel => {
  if (E.isLeft(read)) throw new Error(JSON.stringify(read.left));
  return read.right;
};

const problems = (config: unknown, architecture?: Architecture) => {
  const read = fromHuggingFace(config, architecture);
  if (E.isRight(read)) throw new Error('it was taken');
  return read.left;
};

/** Config differences between Hugging Face's published models and DeepMind's, which have the same weights. */
const differences: Readonly<Record<Architecture, Readonly<Record<string, unknown>>>> = {
  PerceiverForMaskedLM: { maskQueries: false, 'decoder.activation': 'geluExact' },
  PerceiverForSequenceClassification: { 'decoder.activation': 'geluExact' },
  PerceiverForImageClassificationLearned: {
    'decoder.useQueryResidual': true,
    'decoder.activation': 'geluExact',
  },
  PerceiverForImageClassificationFourier: { 'decoder.activation': 'geluExact' },
  PerceiverForImageClassificationConvProcessing: {
    'preprocessor.features.padding': 'symmetric',
    'decoder.activation': 'geluExact',
  },
  PerceiverForOpticalFlow: {},
  PerceiverForMultimodalAutoencoding: { decodedShape: [16, 224, 224] },
};

for (const architecture of architectures) {
  const { config } = published[architecture];

  t.test(`${architecture} as published is the preset, but for what it computes otherwise`, async (t) => {
    const { model } = rightOf(fromHuggingFace(config));
    const own = Object.fromEntries(leavesOf(families[architecture].preset().config));
    const changed = leavesOf(model.config).filter(
      ([path, value]) => JSON.stringify(value) !== JSON.stringify(own[path]),
    );
    t.same(Object.fromEntries(changed), {
      'encoder.activation': 'geluExact',
      ...differences[architecture],
    });
  });

  t.test(`${architecture}: what is written is read as the same model`, async (t) => {
    for (const given of [config, tiny[architecture].config]) {
      const { model } = rightOf(fromHuggingFace(given));
      const written = toHuggingFace(model);
      t.equal(written?.architecture, architecture);
      t.same(written?.differs, [], 'nothing is lost');
      t.same(rightOf(fromHuggingFace(written?.config)).model.config, model.config);
    }
  });

  t.test(`${architecture}: keys that change nothing are named`, async (t) => {
    const { ignored } = rightOf(fromHuggingFace(config));
    for (const key of [
      'attention_probs_dropout_prob',
      'initializer_range',
      'layer_norm_eps',
      'architectures',
    ])
      t.ok(ignored.includes(key), key);
    for (const key of ['num_latents', 'hidden_act', 'use_query_residual'])
      t.notOk(ignored.includes(key), key);
  });
}

t.test("DeepMind's presets say what Hugging Face's classes compute otherwise", async (t) => {
  const differs = Object.fromEntries(
    Object.entries(presets).flatMap(([name, preset]) => {
      const written = toHuggingFace(preset());
      return written ? [[name, written.differs.map(({ path }) => path)]] : [];
    }),
  );
  t.same(differs, {
    language: ['maskQueries'],
    'text-classifier': [],
    'imagenet-learned': ['decoder.useQueryResidual'],
    'imagenet-fourier': [],
    'imagenet-conv': ['preprocessor.features.padding'],
    flow: [],
    multimodal: [],
  });
  t.match(toHuggingFace(language())?.differs, [{ path: 'maskQueries', found: true, expected: 'false' }]);
  t.equal(toHuggingFace(language())?.config.hidden_act, 'gelu_pytorch_tanh', "it can be DeepMind's GELU");
});

t.test('a size that the class has fixed is a difference too', async (t) => {
  const small = language({ decoder: { numHeads: 4, qkChannels: 64 }, modelChannels: 96 });
  t.same(
    toHuggingFace(small)?.differs.map(({ path }) => path),
    [
      'maskQueries',
      'decoder.numHeads',
      'decoder.qkChannels',
      'decoder.position.numChannels',
      'decoder.vChannels',
    ],
  );
});

t.test('an unknown key is refused, with the one that was meant', async (t) => {
  t.same(problems({ num_latent: 3 }, 'PerceiverForMaskedLM'), [
    { path: 'num_latent', found: 3, expected: 'a key that is known; is it num_latents?' },
  ]);
  t.match(problems({ quantization_config: {} }, 'PerceiverForOpticalFlow'), [
    { path: 'quantization_config' },
  ]);
});

t.test('values are refused at their keys, all of them, each once', async (t) => {
  const wrong = {
    d_model: 'x',
    num_latents: 0,
    hidden_act: 'relu',
    model_type: 'bert',
    pruned_heads: { 1: [2] },
  };
  t.same(
    problems(wrong, 'PerceiverForMaskedLM')
      .map(({ path }) => path)
      .sort(),
    ['d_model', 'hidden_act', 'model_type', 'num_latents', 'pruned_heads'],
  );
  t.match(problems({ d_model: 'x', num_latents: 0, train_size: [0, 2] }, 'PerceiverForMaskedLM'), [
    { path: 'd_model', found: 'x', expected: 'a whole number from 1' },
    { path: 'num_latents', found: 0 },
  ]);
  t.same(
    problems({ train_size: [0, 2] }, 'PerceiverForOpticalFlow').map(({ path }) => path),
    ['train_size.0'],
  );
  t.match(problems({ output_shape: [16, 224, 224] }, 'PerceiverForMultimodalAutoencoding'), [
    { path: 'output_shape', expected: 'a list of batch, frames, height and width' },
  ]);
  t.match(problems({ cross_attention_shape_for_attention: 'q' }, 'PerceiverForOpticalFlow'), [
    { path: 'cross_attention_shape_for_attention', found: 'q', expected: 'kv' },
  ]);
});

t.test('what is no config, or of a class that is not here, is refused', async (t) => {
  t.match(problems([]), [{ path: '(the whole)' }]);
  t.match(problems(null), [{ path: '(the whole)' }]);
  t.match(problems({}), [{ path: 'architectures', found: undefined }]);
  t.match(problems({ architectures: ['BertModel'] }), [{ path: 'architectures', found: 'BertModel' }]);
  t.match(problems({ architectures: ['toString'] }), [{ path: 'architectures', found: 'toString' }]);
});

t.test('keys that are not given have the defaults of PerceiverConfig', async (t) => {
  const { model } = rightOf(fromHuggingFace({ architectures: ['PerceiverForMaskedLM'] }));
  t.match(model.config, {
    vocabSize: 262,
    maxLength: 2048,
    modelChannels: 768,
    encoder: { numLatents: 256, numLatentChannels: 1280, numSelfAttendsPerBlock: 26, numCrossAttendHeads: 8 },
  });
  t.equal((model.config as { encoder: { qkChannels?: number } }).encoder.qkChannels, undefined);
});

t.test('classes are counted by their labels, or by num_labels, or are two', async (t) => {
  const count = (config: object) => {
    const { model } = rightOf(fromHuggingFace(config, 'PerceiverForImageClassificationFourier'));
    return (model.config as { numClasses: number }).numClasses;
  };
  t.equal(count({}), 2);
  t.equal(count({ num_labels: 7 }), 7);
  t.equal(count({ id2label: { 0: 'a', 1: 'b', 2: 'c' } }), 3);
  t.match(problems({ id2label: ['a'] }, 'PerceiverForImageClassificationFourier'), [{ path: 'id2label' }]);
  t.match(problems({ num_labels: 'x' }, 'PerceiverForImageClassificationFourier'), [{ path: 'id2label' }]);
});
