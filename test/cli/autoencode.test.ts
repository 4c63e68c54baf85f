/** `renga autoencode`: a film and its sound through the latents and back, at a small size. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readFrames, writeFrames } from '../../lib/media/film.js';
import { readSound, writeSound } from '../../lib/media/readSound.js';
import { type Picture, pictureOf } from '../../lib/media/picture.js';
import { complaintOf, outputOf, renga, rengaInTurn } from './run.js';

const config = {
  numFrames: 4,
  patchGrid: 2,
  samplesPerFrame: 32,
  imageBands: 2,
  audioBands: 3,
  outputChannels: 8,
  labelQueryChannels: 8,
  encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 2 },
};
/** Of 25 frames of 32 samples. */
const sampleRate = 800;
const model = ['--config', 'small.json', '--seed', '1'];

/** A folder with a film of five frames, its sound, and the small model's config. */
const prepare = async (folder: string): Promise<string> => {
  const frames = Array.from({ length: 5 }, (_, i) =>
    pictureOf(10, 8, (x, y) => [20 * x + i, (30 * y + 9 * i) % 256, 128]),
  );
  await writeFrames(join(folder, 'film.gif'), frames)();
  const wave = Float32Array.from({ length: 200 }, (_, i) => Math.sin(i / 5));
  await writeSound(join(folder, 'sound.wav'), { sampleRate, channels: [wave] })();
  return folder;
};
const files = { 'small.json': JSON.stringify(config) };

const framesIn = async (path: string): Promise<readonly Picture[]> => {
  const frames = await readFrames(path)();
  if (frames._tag === 'Left') throw new Error(frames.left.found);
  return frames.right;
};

t.test('a film comes back as frames and sound, with what happens in it', async (t) => {
  const folder = await prepare(t.testdir(files));
  const args = ['film.gif', '--sound', 'sound.wav', '--out', 'out', '--out-sound', 'out.wav'];
  const said = outputOf(renga(folder, 'autoencode', ...args, ...model));
  t.match(said, /^out: 4 frames \(untrained\)\n( +\d+\.\d %  [a-z].*\n){5}$/);
  t.same(
    readdirSync(join(folder, 'out')),
    [1, 2, 3, 4].map((i) => `frame_000${i}.png`),
  );
  const frames = await framesIn(join(folder, 'out'));
  t.ok(frames.every(({ width, height }) => width === 8 && height === 8));
  const sound = await readSound(join(folder, 'out.wav'))();
  t.match(sound, { _tag: 'Right', right: { sampleRate } });
  if (sound._tag === 'Right') t.equal(sound.right.channels[0].length, 4 * 32);
});

t.test("the model's input stands to the left of what is decoded", async (t) => {
  const folder = await prepare(t.testdir(files));
  const args = ['film.gif', '--sound', 'sound.wav', '--beside', '--out', 'side-by-side.gif'];
  outputOf(renga(folder, 'autoencode', ...args, ...model));
  const frames = await framesIn(join(folder, 'side-by-side.gif'));
  t.equal(frames.length, 4);
  t.ok(frames.every(({ width, height }) => width === 16 && height === 8));
  const [first] = await framesIn(join(folder, 'film.gif'));
  const red = (picture: Picture, x: number) => picture.data[4 * (4 * picture.width + x)];
  t.ok(Math.abs(red(frames[0], 0) - red(first, 1)) < 8, 'the middle of the film, cut to a square');
});

t.test('frames may come from a folder, and the size of the chunks changes nothing', async (t) => {
  const folder = await prepare(t.testdir(files));
  const frames = await framesIn(join(folder, 'film.gif'));
  await writeFrames(join(folder, 'frames'), frames)();
  const decode = (film: string, out: string, ...more: string[]) =>
    JSON.parse(
      outputOf(
        renga(folder, 'autoencode', film, '--sound', 'sound.wav', '--out', out, '--json', ...model, ...more),
      ),
    );
  const [whole, chunked] = [decode('film.gif', 'a'), decode('frames', 'b', '--chunk', '5')];
  t.equal(whole.labels.length, 5);
  t.same(
    chunked.labels.map(({ label }: { label: string }) => label),
    whole.labels.map(({ label }: { label: string }) => label),
  );
  const [a, b] = [await framesIn(join(folder, 'a')), await framesIn(join(folder, 'b'))];
  t.ok(a.every(({ data }, i) => data.every((value, at) => Math.abs(value - b[i].data[at]) <= 1)));
});

t.test('several films, one of them a folder of frames, give a GIF and a line each', async (t) => {
  const folder = await prepare(t.testdir({ ...files, in: { 'b.gif': 'damaged' } }));
  const film = await framesIn(join(folder, 'film.gif'));
  await writeFrames(join(folder, 'frames'), film)();
  await writeFrames(join(folder, 'in', 'a.gif'), film)();
  const said = renga(folder, 'autoencode', 'in', 'frames', '--out', 'out', '--out-sound', 'out', ...model);
  const line = (name: string, out: string) =>
    `${name} to ${join('out', out)}: 4 frames \\(untrained\\), .*\n`;
  t.match(said.stdout, new RegExp(`^${line('in/a.gif', 'a.gif')}${line('frames', 'frames.gif')}$`));
  t.match(said.stderr, /^renga: in.b\.gif: found a text file/m);
  t.equal(said.status, 1);
  t.same(readdirSync(join(folder, 'out')), ['a.gif', 'a.wav', 'frames.gif', 'frames.wav']);
  t.equal(
    complaintOf(renga(folder, 'autoencode', 'in', '--sound', 'sound.wav', '--out', 'out', ...model)),
    '--sound is for one film',
  );
});

t.test('what cannot be read, is too short or cannot be written is refused', async (t) => {
  const folder = await prepare(t.testdir({ ...files, full: { 'a.txt': '' } }));
  const before = readdirSync(folder);
  const inTurn = rengaInTurn(t, folder);
  const complaint = async (film: string, sound: string, ...args: string[]) =>
    complaintOf(await inTurn('autoencode', film, '--sound', sound, ...args));
  t.equal(
    await complaint('film.gif', 'film.gif', '--out', 'out', ...model),
    'film.gif: found a file in GIF, expected sound in WAV, MP3, FLAC, Ogg Vorbis or Opus, or a film',
  );
  t.equal(
    await complaint('sound.wav', 'sound.wav', '--out', 'out', ...model),
    'sound.wav: found a file in WAV, expected a film, an animated GIF, or a folder of pictures',
  );
  t.equal(
    await complaint('film.gif', 'sound.wav', '--out', 'out', '--seed', '1'),
    'frames: found 5, expected at least 16',
  );
  t.equal(
    await complaint('film.gif', 'sound.wav', '--out', 'full', ...model),
    'full: found a folder with files in it, expected a new or empty folder',
  );
  t.equal(
    await complaint('film.gif', 'sound.wav', '--out', 'nowhere/out.gif', ...model),
    'nowhere/out.gif: found no such file or directory, expected a place for a file',
  );
  t.equal(
    await complaint('film.gif', 'sound.wav', '--out', 'out', '--chunk', '0', ...model),
    "--chunk is '0', expected a whole number from 1",
  );
  t.same(readdirSync(folder), before);
});
