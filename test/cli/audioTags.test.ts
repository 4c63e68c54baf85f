/** `renga audio-tags`: the kinds of sound in a file, with its frames or without. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writeFrames, writeSound } from '../../lib/media/index.js';
import { pictureOf } from '../../lib/media/picture.js';
import { complaintOf, outputOf, renga, rengaGiven } from './run.js';

const small = {
  numSamples: 64,
  numFrames: 4,
  side: 16,
  imageBands: 2,
  numClasses: 9,
  encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 4 },
  decoder: { kind: 'query', numChannels: 12 },
};

t.test('a sound file gets its tags, the likeliest first; frames change them', async (t) => {
  const folder = t.testdir({
    'raw.json': JSON.stringify({ ...small, sound: { kind: 'raw', samplesPerPatch: 8, numBands: 3 } }),
    'mel.json': JSON.stringify({ ...small, sound: { kind: 'mel', numSteps: 4, numMels: 3, numBands: 3 } }),
  });
  const tone = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i / 3) / 2);
  await writeSound(join(folder, 'clip.wav'), { sampleRate: 48000, channels: [tone, tone] })();
  await writeSound(join(folder, 'short.wav'), { sampleRate: 48000, channels: [tone.subarray(0, 10)] })();
  const grey = pictureOf(16, 16, (x) => [10 * x, 100, 50]);
  const frames = [grey, pictureOf(16, 16, (_, y) => [0, 15 * y, 200])];
  await writeFrames(join(folder, 'film.gif'), frames)();
  await writeFrames(join(folder, 'frames'), frames)();
  const tags = (file: string, kind: 'raw' | 'mel', ...args: string[]) =>
    renga(
      folder,
      ...['audio-tags', file, '--preset', `audioset-${kind}`, '--config', `${kind}.json`, '--seed', '1'],
      ...args,
    );
  for (const kind of ['raw', 'mel'] as const)
    t.match(
      outputOf(tags('clip.wav', kind, '--top', '2')),
      /^ +\d+\.\d % {2}class \d\n +\d+\.\d % {2}class \d\n$/,
    );
  const both = rengaGiven(
    readFileSync(join(folder, 'clip.wav')),
    folder,
    ...['audio-tags', 'clip.wav', 'none.wav', '-', '--preset', 'audioset-raw', '--config', 'raw.json'],
    ...['--seed', '1'],
  );
  const tag = '\\d+\\.\\d % class \\d';
  t.match(both.stdout, new RegExp(`^clip\\.wav {2}${tag}\nthe standard input {2}${tag}\n$`));
  t.match(both.stderr, /^renga: none\.wav: found no such file/);
  t.equal(both.status, 1);
  const seen = JSON.parse(outputOf(tags('clip.wav', 'raw', '--frames', 'film.gif', '--top', '9', '--json')));
  t.equal(seen.tags.length, 9);
  t.match(seen.tags[0], { index: Number, label: /^class \d$/, probability: Number });
  // At 50 frames a second, the second one is gone before the model's next moment.
  const fast = outputOf(tags('clip.wav', 'raw', '--frames', 'frames', '--fps', '50', '--top', '9', '--json'));
  t.not(fast, `${JSON.stringify(seen)}\n`);
  t.match(
    complaintOf(tags('clip.wav', 'raw', '--frames', 'frames', '--fps', '0')),
    /--fps is '0', expected a number/,
  );
  t.match(complaintOf(tags('short.wav', 'raw')), /sound: found 0\.00 seconds, expected at least 0\.00/);
  t.match(complaintOf(tags('none.wav', 'raw')), /none\.wav: found no such file/);
});
