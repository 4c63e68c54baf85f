/** From a person's input to a person's output, at small size. */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { engine } from '../../lib/engine/index.js';
import { key, uniform } from '../../lib/random/index.js';
import { flow, imagenetFourier, multimodal } from '../../presets/index.js';
import { type Picture, pictureOf } from '../../lib/media/picture.js';

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

const encoder = { numLatents: 8, numLatentChannels: 16, numSelfAttendsPerBlock: 2, numSelfAttendHeads: 4 };

const noise = (width: number, height: number, seed: number): Picture => {
  const values = uniform(key(seed), [height, width, 3], { min: 0, max: 256 }).data;
  return pictureOf(width, height, (x, y) => {
    const at = 3 * (y * width + x);
    return [values[at], values[at + 1], values[at + 2]];
  });
};

t.test('flow of pictures larger than a tile is stitched from tiles', async (t) => {
  await engine();
  const model = flow({ imageShape: [24, 32], numBands: 4, encoder });
  const weights = model.init(key(0));
  const before = tf.memory().numTensors;
  let tiles = 0;
  const pair = { first: noise(40, 30, 1), second: noise(40, 30, 2) };
  const onProgress = (_: number, all: number) => (tiles = all);
  const found = right(await model.run(weights, pair, { onProgress })());
  t.same([found.width, found.height, found.data.length], [40, 30, 40 * 30 * 2]);
  t.ok(found.data.every(Number.isFinite));
  t.ok(tiles > 1);
  t.equal(tf.memory().numTensors, before, 'nothing stays on the engine');
});

t.test('flow of pictures smaller than a tile, or of two sizes, is refused with the sizes', async (t) => {
  const model = flow({ imageShape: [24, 32], numBands: 4, encoder });
  const weights = model.init(key(0));
  const refused = async (first: Picture, second: Picture) => {
    const result = await model.run(weights, { first, second })();
    return E.isLeft(result) ? result.left : undefined;
  };
  t.match(await refused(noise(31, 24, 1), noise(31, 24, 2)), { found: /31 × 24/, expected: /32 × 24/ });
  t.match(await refused(noise(40, 30, 1), noise(41, 30, 2)), {
    where: 'the second picture',
    found: /41 × 30/,
  });
});

t.test('a picture of any size is classified, the likeliest class first', async (t) => {
  await engine();
  const model = imagenetFourier({
    imageShape: [16, 16, 3],
    numClasses: 7,
    preprocessor: { position: { numBands: 4, maxResolution: [16, 16] } },
    encoder: { ...encoder, numBlocks: 1 },
    decoder: { position: { numChannels: 16 } },
  });
  const classes = right(await model.run(model.init(key(0)), noise(50, 33, 3))());
  t.equal(classes.length, 7);
  const probabilities = classes.map(({ probability }) => probability);
  t.same(
    [...probabilities].sort((a, b) => b - a),
    probabilities,
  );
  t.ok(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1) < 1e-6);
});

t.test('a clip decoded in chunks of any size is the same clip', async (t) => {
  await engine();
  const model = multimodal({
    numFrames: 2,
    patchGrid: 4,
    samplesPerFrame: 32,
    numClasses: 5,
    imageBands: 3,
    audioBands: 6,
    outputChannels: 16,
    labelQueryChannels: 20,
    encoder,
  });
  const weights = model.init(key(0));
  const samples = uniform(key(5), [64], { min: -1, max: 1 }).data;
  const sound = { sampleRate: 800, channels: [samples] };
  const frames = [noise(20, 16, 1), noise(20, 16, 2)];
  const before = tf.memory().numTensors;
  const decode = async (chunkSize: number) =>
    right(await model.run(weights, { frames, sound }, { chunkSize })());
  const [whole, parts] = [await decode(10_000), await decode(150)];
  t.equal(whole.frames.length, 2);
  t.same(parts.labels, whole.labels);
  const [a, b] = [whole, parts].map((clip) => clip.sound.channels[0]);
  t.equal(a.length, 64);
  t.ok(a.every((sample, i) => Math.abs(sample - b[i]) < 1e-5));
  t.ok(
    whole.frames.every(({ data }, f) =>
      data.every((byte, i) => Math.abs(byte - parts.frames[f].data[i]) <= 1),
    ),
  );
  t.equal(tf.memory().numTensors, before, 'nothing stays on the engine');
  // At the model's rate, 64 samples at 44,100 a second are two.
  const short = await model.run(weights, { frames, sound: { sampleRate: 44_100, channels: [samples] } })();
  t.match(short, { left: { where: 'sound', found: '2 samples' } });
});
