/** `renga flow`: two pictures to a picture of where pixels go, at a small size. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readPicture, writePicture } from '../../lib/media/readPicture.js';
import { float32, type HostArray, toFloat32 } from '../../lib/data/array.js';
import { parseCheckpoint, parseNpz, writeNpz } from '../../lib/checkpoint/index.js';
import type { Tree } from '../../lib/data/tree.js';
import { readFlow } from '../../lib/media/flowFile.js';
import { pictureOf } from '../../lib/media/picture.js';
import { complaintOf, outputOf, renga, rengaInTurn } from './run.js';

const encoder = { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 2 };
const config = { imageShape: [24, 32], numBands: 4, featureChannels: 8, encoder };
const model = ['--config', 'small.json'];

const noise = (width: number, height: number) =>
  pictureOf(width, height, (x, y) => [(7 * x) % 256, (9 * y) % 256, (x * y) % 256]);

/** A folder with two pictures, a third one wider, and the small model's config. */
const prepare = async (folder: string): Promise<string> => {
  await writePicture(join(folder, 'a.png'), noise(40, 30))();
  await writePicture(join(folder, 'b.png'), noise(40, 30))();
  await writePicture(join(folder, 'wider.png'), noise(41, 30))();
  return folder;
};
const files = { 'small.json': JSON.stringify(config) };

const treeIn = (path: string): Tree<HostArray> => {
  const read = parseCheckpoint(readFileSync(path));
  if (read._tag === 'Left') throw new Error(JSON.stringify(read.left));
  return read.right.params;
};

t.test('an untrained model moves nothing, as its last layer begins with zeros', async (t) => {
  const folder = await prepare(t.testdir(files));
  const said = outputOf(
    renga(folder, 'flow', 'a.png', 'b.png', '--out', 'flow.png', ...model, '--seed', '1'),
  );
  t.equal(said, 'flow.png: 40 × 30, 0.00 pixels on average, 0.00 at most (untrained)\n');
  t.match(await readPicture(join(folder, 'flow.png'))(), { _tag: 'Right', right: { width: 40, height: 30 } });
});

t.test('a checkpoint whose last layer is a bias moves every pixel alike, over all tiles', async (t) => {
  const folder = await prepare(t.testdir(files));
  outputOf(renga(folder, 'init', 'flow', ...model, '--seed', '1', '--out', 'initial.npz'));
  const params = treeIn(join(folder, 'initial.npz'));
  const [path] = Object.keys(params).filter((name) => name.endsWith('/output'));
  // The decoder divides by 100, the model multiplies by 20.
  const moved = { ...params, [path]: { ...params[path], b: float32([2], [15, -20]) } };
  await writeNpz(join(folder, 'moved.npz'), { params: moved })();
  const args = ['--out', 'flow.png', '--npz', 'flow.npz', '--json', ...model, '--checkpoint', 'moved.npz'];
  const said = JSON.parse(outputOf(renga(folder, 'flow', 'a.png', 'b.png', ...args)));
  t.match(said, { out: 'flow.png', width: 40, height: 30 });
  t.ok(Math.abs(said.mean - 5) < 1e-5 && Math.abs(said.largest - 5) < 1e-5);
  const npz = parseNpz(readFileSync(join(folder, 'flow.npz')));
  if (npz._tag === 'Left') throw new Error(JSON.stringify(npz.left));
  t.same([...npz.right.keys()], ['flow']);
  const flow = npz.right.get('flow')!;
  t.same(flow.shape, [30, 40, 2]);
  t.ok(toFloat32(flow).every((value, i) => Math.abs(value - (i % 2 ? -4 : 3)) < 1e-5));
});

t.test('each picture and the next: a file for each pair, a pair that fails is told', async (t) => {
  const folder = await prepare(t.testdir(files));
  const result = renga(
    folder,
    ...['flow', 'a.png', 'b.png', 'a.png', 'wider.png', '--as', 'flo', '--out', 'flows', '--json'],
    ...[...model, '--seed', '1'],
  );
  t.equal(result.status, 1);
  t.match(result.stderr, /^renga: a\.png to wider\.png: the second picture: found 41 × 30/);
  t.same(readdirSync(join(folder, 'flows')), ['flow_0001.flo', 'flow_0002.flo']);
  const lines = result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { out: string });
  t.same(
    lines.map(({ out }) => out),
    ['flows/flow_0001.flo', 'flows/flow_0002.flo'],
  );
  const read = await readFlow(join(folder, 'flows', 'flow_0002.flo'))();
  t.match(read, { _tag: 'Right', right: { width: 40, height: 30 } });
});

t.test('pictures that do not go together, or are not there, are refused', async (t) => {
  const folder = await prepare(t.testdir(files));
  const inTurn = rengaInTurn(t, folder);
  const complaint = async (...args: string[]) =>
    complaintOf(await inTurn('flow', ...args, '--out', 'flow.png', '--seed', '1'));
  t.equal(
    await complaint('a.png', 'wider.png', ...model),
    'the second picture: found 41 × 30 pixels, expected 40 × 30 pixels, as the first',
  );
  t.equal(
    await complaint('a.png', 'missing.png', ...model),
    'missing.png: found no such file or directory, expected a file that can be read',
  );
  t.notOk(existsSync(join(folder, 'flow.png')));
});

t.test('a picture below one tile is refused', async (t) => {
  const folder = await prepare(
    t.testdir({ 'wide.json': JSON.stringify({ ...config, imageShape: [24, 64] }) }),
  );
  const args = ['--config', 'wide.json', '--seed', '1', '--out', 'flow.png'];
  t.equal(
    complaintOf(renga(folder, 'flow', 'a.png', 'b.png', ...args)),
    'images: found 40 × 30 pixels, expected at least 64 × 24 pixels: pad or enlarge them',
  );
});

t.test('places that cannot be written are refused before the work', async (t) => {
  const folder = await prepare(t.testdir(files));
  const before = readdirSync(folder);
  const inTurn = rengaInTurn(t, folder);
  const complaint = async (...args: string[]) =>
    complaintOf(await inTurn('flow', 'a.png', 'b.png', ...model, '--seed', '1', ...args));
  const problem = 'found no such file or directory, expected a place for a file';
  t.equal(await complaint('--out', 'nowhere/flow.png'), `nowhere/flow.png: ${problem}`);
  t.equal(await complaint('--out', 'flow.png', '--npz', 'nowhere/flow.npz'), `nowhere/flow.npz: ${problem}`);
  t.same(readdirSync(folder), before);
});
