/** `renga train multimodal` on a person's own films: clips with their sound, a label for each folder. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writeFrames } from '../../lib/media/film.js';
import { pictureOf } from '../../lib/media/picture.js';
import { writeSound } from '../../lib/media/readSound.js';
import { complaintOf, outputOf, renga } from './run.js';

const small = {
  ...{ numFrames: 2, patchGrid: 2, samplesPerFrame: 32, imageBands: 2, audioBands: 3 },
  ...{ outputChannels: 8, labelQueryChannels: 8 },
  encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 2 },
};

/** A film of four frames of one red, with as much sound as `samples` at 800 a second. */
const makeFilm = async (path: string, red: number, samples: number): Promise<void> => {
  const frame = pictureOf(10, 8, () => [red, 0, 0]);
  await writeFrames(path, [frame, frame, frame, frame])();
  const wave = Float32Array.from({ length: samples }, (_, i) => Math.sin(i / 5));
  if (samples > 0) await writeSound(join(path, 'sound.wav'), { sampleRate: 800, channels: [wave] })();
};

t.test('films of your own: the autoencoder trains, gives films back, and gets a new label', async (t) => {
  const folder = t.testdir({
    'small.json': JSON.stringify(small),
    'recipe.json': JSON.stringify({ peakRate: 0.01, warmupSteps: 0, labelWeight: 1 }),
  });
  const place = (...names: string[]): string => join(folder, 'films', ...names);
  for (const name of ['dark', 'light']) mkdirSync(place(name), { recursive: true });
  await makeFilm(place('dark', 'a'), 20, 200);
  await makeFilm(place('dark', 'silent'), 30, 0);
  await makeFilm(place('light', 'a'), 230, 200);
  await makeFilm(place('light', 'b'), 220, 128);
  await makeFilm(place('light', 'short'), 220, 40);

  const how = ['train', 'multimodal', '--data', 'films', '--config', 'small.json', '--threads', '1'];
  const short = ['--steps', '4', '--batch', '2', '--recipe', 'recipe.json', '--out', 'run'];
  t.match(
    complaintOf(renga(folder, ...how, ...short)),
    /light.short: found 4 frames with sound for 1, expected at least 2, 25 a second/,
  );
  const text = outputOf(renga(folder, ...how, ...short, '--on-damaged', 'skip'));
  t.match(text, /skipped: .*short: found 4 frames/);
  t.match(text, 'recipe: labelWeight: 0.0001 → 1');
  t.match(text, '3 films to train on, 1 held out');
  t.match(text, /without sound, which is silence in training: 1/);
  t.match(text, /videoPsnr [\d.]+.*audioPsnr [\d.]+.*accuracy [01]/);

  const trained = [
    ...['--config', join('run', 'config.json'), '--checkpoint', join('run', 'weights.safetensors')],
  ];
  const film = [join('films', 'light', 'a'), '--sound', join('films', 'light', 'a', 'sound.wav')];
  const named = ['--out', 'decoded', '--json'];
  const decoded = JSON.parse(outputOf(renga(folder, 'autoencode', ...film, ...trained, ...named))) as {
    labels: { label: string }[];
  };
  t.same(decoded.labels.map(({ label }) => label).sort(), ['dark', 'light']);

  // Other films: the label's head is made anew, and the classes fit the width of the input.
  writeFileSync(
    join(folder, 'table.csv'),
    'file,label\nfilms/dark/a,one\nfilms/light/a,two\nfilms/light/b,two',
  );
  const tune = ['finetune', 'multimodal', '--data', 'table.csv', ...trained, '--batch', '2'];
  const lines = outputOf(renga(folder, ...tune, '--steps', '1', '--out', 'tuned', '--json'))
    .trimEnd()
    .split('\n');
  t.match(JSON.parse(lines.at(-1) as string), { kind: 'ended', step: 1 });
  t.same(JSON.parse(readFileSync(join(folder, 'tuned', 'classes.json'), 'utf8')), ['one', 'two']);
  writeFileSync(join(folder, 'table.csv'), 'file,label\nfilms/dark/a,1\nfilms/light/a,2\nfilms/light/b,3\n');
  t.match(complaintOf(renga(folder, ...tune)), 'found 3 classes, expected at most the 2 of the checkpoint');
});
