/** The trained autoencoder of digits and tones: held-out digits become tones and labels, and tones become digits. */
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { digitToneResults } from '../../../cli/demo/digitTones.js';
import { readArrays } from '../../../cli/demo/readArrays.js';
import { loadWeights } from '../../../cli/load.js';
import { toFloat32 } from '../../../lib/data/array.js';
import { engine } from '../../../lib/engine/index.js';
import { pictureOf } from '../../../lib/media/picture.js';
import { greyOf } from '../../../presets/digits/run.js';
import { heldOutDigits } from '../../../presets/digits/verify.js';
import { digitTones } from '../../../presets/digitTones/preset.js';
import { keyIn, keyOf, toneOf } from '../../../presets/digitTones/recipe/tones.js';
import type { Clip } from '../../../presets/multimodal/run/clip.js';

await engine({ threads: 2 });
const model = digitTones();
const weights = await loadWeights(model, {});

const run = async (clip: Clip) => {
  const found = await model.run(weights, clip)();
  if (E.isLeft(found)) throw new Error(found.left.found);
  return found.right;
};

/** A held-out digit as a picture of many pixels, and the digit. */
const heldOut = async (i: number) => {
  const { images, labels } = await readArrays(heldOutDigits);
  const grey = toFloat32(images).subarray(64 * i, 64 * i + 64);
  const picture = pictureOf(8, 8, (x, y) => [
    255 * grey[8 * y + x],
    255 * grey[8 * y + x],
    255 * grey[8 * y + x],
  ]);
  return { picture, digit: Number(labels.data[i]) };
};

t.test(
  'of forty held-out digits, most come out right from the picture and from the sound alone',
  async (t) => {
    const { fromPicture, fromSound, label, tone } = await digitToneResults(40);
    t.ok(fromPicture >= 0.95, `${fromPicture} with label and tone`);
    t.ok(fromPicture <= Math.min(label, tone));
    t.equal(fromSound, 1, 'drawn so that they can be read');
  },
);

t.test('a picture alone becomes its tone and its label, and a tone alone a picture', async (t) => {
  const { picture, digit } = await heldOut(0);
  const heard = await run({ frames: [picture] });
  t.equal(heard.labels[0].label, `${digit}`);
  t.equal(heard.sound.sampleRate, 8000);
  t.same(keyIn(heard.sound.channels[0]), keyOf(digit));

  // At another rate, longer than the model hears, and beside other channels.
  const tone = { sampleRate: 16000, channels: [toneOf(digit, 2000, 16000), new Float32Array(2000)] };
  const seen = await run({ sound: tone });
  t.equal(seen.labels[0].label, `${digit}`);
  t.same(
    seen.frames.map(({ width, height }) => [width, height]),
    [[8, 8]],
  );
  const { data } = greyOf(seen.frames[0]);
  const far = Array.from(greyOf(picture).data, (pixel, i) => Math.abs(pixel - data[i]));
  t.ok(far.reduce((a, b) => a + b) / far.length < 0.25, 'it is like the digit of another hand');

  const both = await run({
    frames: [picture, picture],
    sound: { sampleRate: 8000, channels: [toneOf(digit, 640)] },
  });
  t.same([both.labels[0].label, keyIn(both.sound.channels[0])], [`${digit}`, keyOf(digit)]);
});

t.test('nothing to begin with is said, and a sound that is too short', async (t) => {
  t.match(await model.run(weights, {})(), E.left({ where: 'the clip', found: 'neither frames nor sound' }));
  const short = { sampleRate: 8000, channels: [new Float32Array(100)] };
  t.match(await model.run(weights, { sound: short })(), E.left({ where: 'sound', found: '100 samples' }));
});
