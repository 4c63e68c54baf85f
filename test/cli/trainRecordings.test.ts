/** `renga train` on a person's own sounds and folders of frames: classes are folders, damaged ones are named. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writeFrames } from '../../lib/media/film.js';
import { pictureOf } from '../../lib/media/picture.js';
import { writeSound } from '../../lib/media/readSound.js';
import { complaintOf, outputOf, renga } from './run.js';

const small = {
  ...{ numSamples: 64, numFrames: 4, side: 8, imageBands: 2 },
  sound: { kind: 'raw', samplesPerPatch: 16, numBands: 3 },
  encoder: { numLatents: 4, numLatentChannels: 8, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 2 },
  decoder: { kind: 'query', numChannels: 8 },
};

const wave = (hertz: number, samples: number) => ({
  sampleRate: 48000,
  channels: [Float32Array.from({ length: samples }, (_, i) => Math.sin((2 * Math.PI * hertz * i) / 48000))],
});

t.test('sounds and frames of your own: folders are classes, what is too short is named', async (t) => {
  const folder = t.testdir({
    'config.json': JSON.stringify(small),
    'recipe.json': JSON.stringify({ peakRate: 0.008, warmupSteps: 0 }),
  });
  const place = (...names: string[]): string => join(folder, 'sounds', ...names);
  for (const name of ['high', 'low']) mkdirSync(place(name), { recursive: true });
  for (let i = 0; i < 4; i++) {
    await writeSound(place('high', `${i}.wav`), wave(6000 + i, 100))();
    await writeSound(place('low', `${i}.wav`), wave(400 + i, 100))();
  }
  const frame = pictureOf(9, 9, (x) => [20 * x, 0, 0]);
  await writeFrames(place('low', 'silent'), [frame, frame])();
  await writeFrames(place('high', 'filmed'), [frame])();
  await writeSound(place('high', 'filmed', 'sound.wav'), wave(6000, 100))();
  await writeSound(place('low', 'short.wav'), wave(400, 20))();

  const how = ['train', 'audioset-raw', '--data', 'sounds', '--config', 'config.json', '--threads', '1'];
  const short = ['--steps', '2', '--batch', '4', '--recipe', 'recipe.json', '--out', 'run'];
  const text = outputOf(renga(folder, ...how, ...short, '--on-damaged', 'skip', '--held-out', '20'));
  t.match(text, /skipped: .*short\.wav, sound: found 0\.00 seconds/);
  t.match(text, '2 classes: high, low');
  t.match(text, '8 recordings to train on, 2 held out');
  t.match(text, /accuracy (0|0\.5|1)/);
  t.same(JSON.parse(readFileSync(join(folder, 'run', 'classes.json'), 'utf8')), ['high', 'low']);
  t.ok(existsSync(join(folder, 'run', 'best.safetensors')));

  // The trained weights tag a sound with the two classes, and a new head for other classes trains on from them.
  const trained = [
    '--config',
    join('run', 'config.json'),
    '--checkpoint',
    join('run', 'weights.safetensors'),
  ];
  const tags = JSON.parse(
    outputOf(
      renga(
        folder,
        'audio-tags',
        join('sounds', 'low', '0.wav'),
        '--preset',
        'audioset-raw',
        ...trained,
        '--json',
      ),
    ),
  ) as { tags: unknown[] };
  t.equal(tags.tags.length, 2);
  writeFileSync(
    join(folder, 'table.csv'),
    'file,label\nsounds/low/0.wav,a\nsounds/high/0.wav,b\nsounds/high/1.wav,c',
  );
  const tuned = outputOf(
    renga(folder, 'finetune', 'audioset-raw', '--data', 'table.csv', ...trained, '--batch', '2', '--dry-run'),
  );
  t.match(tuned, "no file of the class 'c' is trained on: all are held out");
  t.match(tuned, '3 classes: a, b, c');
  t.match(tuned, /classification_decoder +\d+ {2}trains/);
  t.match(complaintOf(renga(folder, 'train', 'audioset-mel')), /audioset-mel needs --data: a folder/);
});
