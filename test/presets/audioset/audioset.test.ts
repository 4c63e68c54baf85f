/** AudioSet: clips of a recording, its tags, and the examples that lose a modality in training. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { engine, key, transformWithState } from '../../../lib/index.js';
import { showInputError } from '../../../lib/data/inputError.js';
import { audiosetMel, audiosetRaw } from '../../../presets/index.js';
import { clipSound, clipStarts } from '../../../presets/audioset/run.js';
import { audioSetLabels } from '../../../presets/audioset/run/labels.js';

t.before(() => engine());

const tone = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i / 5) / 2);

t.test('clips are sixteen, evenly spaced from the first to the last that fits', async (t) => {
  const starts = clipStarts(480_000, 61_440);
  t.equal(starts.length, 16);
  t.same([starts[0], starts[1], starts[15]], [0, 27904, 480_000 - 61_440]);
  t.same(clipStarts(64, 64), [0], 'a recording of one clip');
  t.same(clipStarts(66, 64), [0, 1, 2], 'none is heard twice');
});

t.test('classes have 527 names, in the order of the logits', async (t) => {
  t.equal(new Set(audioSetLabels).size, 527);
  t.same([audioSetLabels[0], audioSetLabels[526]], ['Speech', 'Field recording']);
});

for (const preset of [audiosetRaw, audiosetMel])
  t.test(`${preset.card.name}: the tags of a recording are the mean over its clips`, async (t) => {
    const model = preset(preset.small as never);
    const weights = model.init(key(1));
    const samples = tone(67);
    const of = async (channels: readonly Float32Array[]) => {
      const tags = await model.run(weights, { sound: { sampleRate: 48000, channels } })();
      if (E.isLeft(tags)) throw new Error(showInputError(tags.left));
      return new Map(tags.right.map(({ index, probability }) => [index, probability]));
    };
    const whole = await of([samples]);
    t.equal(whole.size, 9);
    const clips = await Promise.all([0, 1, 2, 3].map((start) => of([samples.slice(start, start + 64)])));
    for (const [index, probability] of whole) {
      const mean = clips.reduce((sum, clip) => sum + clip.get(index)!, 0) / 4;
      t.ok(Math.abs(probability - mean) < 1e-6, `class ${index}`);
    }
    t.same(await of([samples, samples]), whole, 'two channels alike are one');
  });

t.test('frames count, and bad recordings are refused in words', async (t) => {
  const model = audiosetRaw(audiosetRaw.small);
  const weights = model.init(key(1));
  const sound = { sampleRate: 48000, channels: [tone(64)] };
  const frame = { width: 16, height: 16, data: new Uint8Array(4 * 256).fill(200) };
  const [silent, seen] = [
    await model.run(weights, { sound })(),
    await model.run(weights, { sound, frames: [frame] })(),
  ];
  t.notSame(seen, silent);
  const complaint = async (recording: Parameters<typeof model.run>[1]) => {
    const tags = await model.run(weights, recording)();
    return E.isLeft(tags) ? showInputError(tags.left) : 'nothing';
  };
  t.match(
    await complaint({ sound: { ...sound, channels: [tone(63)] } }),
    /^sound: found 0\.00 seconds, expected at least 0\.00/,
  );
  t.match(await complaint({ sound: { ...sound, channels: [] } }), /no channel/);
  t.match(await complaint({ sound: { ...sound, channels: [tone(64).fill(NaN)] } }), /a sample of NaN/);
  t.match(await complaint({ sound: { ...sound, sampleRate: 0 } }), /0 samples a second/);
  t.match(await complaint({ sound, frames: [{ ...frame, width: 17 }] }), /frame 0/);
});

t.test('in training some examples lose their video, whole, and the sound stays', async (t) => {
  const model = audiosetRaw({ ...audiosetRaw.small, videoDropout: 0.5 });
  const { apply } = transformWithState(model.network);
  const { params, state } = model.init(key(1));
  const image = tf.tile(tf.randomNormal([1, 4, 16, 16, 3], 0, 1, 'float32', 1), [8, 1, 1, 1, 1]);
  const audio = tf.tile(tf.reshape(tf.tensor1d(tone(64)), [1, 64, 1]), [8, 1, 1]);
  const logits = (isTraining: boolean, of = image) =>
    apply(params, state, { key: key(3), isTraining }, { image: of, audio }).output.arraySync();
  const [kept] = logits(false);
  const [lost] = logits(false, tf.zerosLike(image));
  const isNear = (a: readonly number[], b: readonly number[]) => a.every((x, i) => Math.abs(x - b[i]) < 1e-4);
  const rows = logits(true);
  t.ok(rows.every((row) => isNear(row, kept) || isNear(row, lost)));
  t.ok(rows.some((row) => isNear(row, kept)) && rows.some((row) => isNear(row, lost)));
});

t.test('a spectrogram has the published 4,800 numbers', async (t) => {
  const { shape, data } = clipSound(tone(61440), audiosetMel().config);
  t.same(shape, [1, 60, 80, 1]);
  t.ok(data.every(Number.isFinite));
});
