/** Strangers' configs and inputs: what no model could be is refused at once, with the field and its bound. */
import t from 'tap';
import * as E from 'fp-ts/lib/Either.js';
import { type ConfigProblem, showConfigProblem } from '../../lib/data/config.js';
import { engine } from '../../lib/engine/index.js';
import { key } from '../../lib/random/index.js';
import { type AnyModel, type AnyPreset } from '../../presets/preset.js';
import { presets } from '../../presets/registry.js';

await engine();

const problemsOf = (preset: AnyPreset, json: unknown): readonly string[] => {
  const decoded: E.Either<readonly ConfigProblem[], AnyModel> = preset.decode(json);
  return E.isLeft(decoded) ? decoded.left.map(showConfigProblem) : [];
};

t.test('counts that would take minutes or gigabytes are refused with their bounds', async (t) => {
  const classifier: AnyPreset = presets['imagenet-fourier'];
  const cases: readonly (readonly [json: object, problem: string])[] = [
    [
      {
        preprocessor: {
          features: { kind: 'pixels' },
          position: { kind: 'fourier', numBands: 1e9, maxResolution: [8, 8] },
        },
      },
      'preprocessor.position.numBands: found 1000000000, expected a whole number from 1, at most 65,536',
    ],
    [
      { encoder: { numBlocks: 2147483648 } },
      'encoder.numBlocks: found 2147483648, expected a whole number from 1, at most 512',
    ],
    [
      { imageShape: [1000000000, 8, 1] },
      'imageShape.0: found 1000000000, expected a whole number from 1, at most 16,777,216',
    ],
    [
      { encoder: { numSelfAttendsPerBlock: 200000 } },
      'encoder.numSelfAttendsPerBlock: found 200000, expected a whole number from 1, at most 512',
    ],
    [
      { encoder: { numBlocks: 32, numSelfAttendsPerBlock: 32 } },
      'encoder.numBlocks: found 32, expected numBlocks · numSelfAttendsPerBlock of at most 512',
    ],
  ];
  for (const [json, problem] of cases) t.same(problemsOf(classifier, json), [problem]);
});

t.test('a large model whose shapes alone are asked for is answered', async (t) => {
  const classifier: AnyPreset = presets['imagenet-fourier'];
  for (const changes of [
    { encoder: { numLatents: 1000000, numLatentChannels: 1000000, numBlocks: 1, numSelfAttendsPerBlock: 1 } },
    { imageShape: [1000000, 1000, 1], encoder: { numBlocks: 1, numSelfAttendsPerBlock: 1 } },
  ])
    t.same(classifier(changes).outline.outputs, { shape: [1, 1000], dtype: 'float32' });
});

t.test('every preset bounds its layers', async (t) => {
  for (const [name, preset] of Object.entries(presets) as [string, AnyPreset][]) {
    const changes = /^(perceiver-ar|starcraft-transformer)$/.test(name)
      ? { numLayers: 100000 }
      : { encoder: { numBlocks: 100000 } };
    t.match(problemsOf(preset, changes), [/found 100000, expected a whole number from 1, at most 512/], name);
  }
});

t.test('a config that fits in its fields and not as a whole is data, too', async (t) => {
  t.same(problemsOf(presets['perceiver-ar'] as AnyPreset, { numSelfAttendHeads: 7 }), [
    'latentChannels: found 1024, expected a multiple of numSelfAttendHeads, 7',
  ]);
});

t.test('an input that is none is an error of the input, in every preset', async (t) => {
  for (const [name, preset] of Object.entries(presets) as [string, AnyPreset][]) {
    const model: AnyModel = preset(preset.small);
    const weights = model.init(key(0));
    const inputs = name.startsWith('starcraft')
      ? [null, undefined, 7]
      : [null, undefined, 7, 'x', {}, { text: null }];
    for (const input of inputs) {
      const result = await model.run(weights, input as never)();
      t.match(result, { _tag: 'Left', left: { kind: 'input' } }, `${name}: ${JSON.stringify(input)}`);
    }
  }
});
