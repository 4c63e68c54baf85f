/** The published presets at full size, read without data: their parameters are those of the original. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { sizeOf } from '../../lib/data/array.js';
import type { AnyPreset } from '../../presets/preset.js';
import { presets } from '../../presets/index.js';
import { verifications } from './originals.js';
import type { Verification } from '../../presets/verify/verify.js';

const all: Readonly<Record<string, AnyPreset>> = presets;

const shapesOf = (preset: AnyPreset): Record<string, readonly number[]> =>
  Object.fromEntries(
    Object.entries(preset().outline.params).flatMap(([path, leaves]) =>
      Object.entries(leaves).map(([name, { shape }]) => [`${path}/${name}`, shape]),
    ),
  );

const read = (name: string): Verification =>
  JSON.parse(readFileSync(verifications[name], 'utf8')) as Verification;

for (const name of Object.keys(verifications)) {
  t.test(`${name} has the names and shapes of the original's parameters`, async (t) => {
    const expected = Object.entries(read(name).params).map(([path, { shape }]) => [path, shape]);
    t.same(shapesOf(all[name]), Object.fromEntries(expected));
  });

  t.test(`${name} has the original's state and outputs`, async (t) => {
    const { state, outputs } = all[name]().outline;
    const expected = read(name);
    const flat = Object.entries(state).flatMap(([path, leaves]) =>
      Object.entries(leaves).map(([leaf, { shape }]) => [`${path}/${leaf}`, shape]),
    );
    t.same(Object.fromEntries(flat), expected.state);
    if (expected.outputs.logits)
      t.same((outputs as { shape: number[] }).shape, expected.outputs.logits.shape);
  });

  t.test(`${name} is what its colab's arguments make`, async (t) => {
    const made = all[name].fromHaiku(read(name).config);
    t.equal(made._tag, 'Right');
    if (made._tag === 'Right') t.same(made.right.config, all[name]().config);
  });
}

const counts = {
  language: 201_108_230,
  'language-plus': 425_607_430,
  'language-sentencepiece': 223_155_456,
  glue: 204_278_288,
  'text-classifier': 206_098_690,
  'imagenet-learned': 62_255_848,
  'imagenet-fourier': 48_440_627,
  'imagenet-conv': 48_646_522,
  'imagenet-fourier-b': 212_170_035,
  'imagenet-conv-b': 212_375_930,
  flow: 41_057_134,
  'flow-light': 27_908_974,
  multimodal: 19_858_855,
  'multimodal-392': 19_658_151,
  'multimodal-196': 19_557_799,
  'audioset-raw': 24_922_462,
  'audioset-mel': 86_568_284,
  perceiver: 44_912_254,
  'perceiver-points': 44_772_202,
  digits: 53_827,
  'digit-tones': 109_950,
  words: 953_734,
  motion: 168_804,
};

for (const [name, count] of Object.entries(counts)) {
  t.test(`${name} has ${count} parameters`, async (t) => {
    const sizes = Object.values(shapesOf(all[name])).map(sizeOf);
    t.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      count,
    );
  });
}

t.test('a config of somebody else gives every problem, each with its path', async (t) => {
  const wrong = presets.flow.decode({
    imageShape: [0, 'x'],
    encoder: { numLatents: -1, depth: 3 },
    tiles: 2,
  });
  t.equal(wrong._tag, 'Left');
  if (wrong._tag === 'Left') {
    t.same(wrong.left.map(({ path }) => path).sort(), [
      'encoder.depth',
      'encoder.numLatents',
      'imageShape.0',
      'imageShape.1',
      'tiles',
    ]);
  }
});

t.test("arguments that DeepMind's code does not have are refused", async (t) => {
  const wrong = presets.language.fromHaiku({ d_modell: 3, encoder: { z_index_dims: 2 } });
  t.equal(wrong._tag, 'Left');
  if (wrong._tag === 'Left')
    t.same(
      wrong.left.map(({ path }) => path),
      ['d_modell', 'encoder.z_index_dims'],
    );
});

t.test("what a colab's part leaves out has Python's default, not the published value", async (t) => {
  const encoder = { num_self_attends_per_block: 2, num_blocks: 1, z_index_dim: 8, num_z_channels: 16 };
  const made = presets.language.fromHaiku({ encoder });
  t.equal(made._tag, 'Right');
  if (made._tag === 'Right') t.equal(made.right.config.encoder.qkChannels, undefined);
});
