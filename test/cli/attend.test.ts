/** `renga attend`: where models look, as pictures and pages. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { heat } from '../../lib/media/heat.js';
import { writeFrames } from '../../lib/media/film.js';
import { readPicture, writePicture } from '../../lib/media/readPicture.js';
import { writeSound } from '../../lib/media/readSound.js';
import { toFloat32 } from '../../lib/data/array.js';
import { parseNpz } from '../../lib/checkpoint/index.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { type Picture, pictureOf } from '../../lib/media/picture.js';
import { complaintOf, outputOf, renga, rengaInTurn } from './run.js';

const pictureIn = async (path: string): Promise<Picture> => {
  const read = await readPicture(path)();
  if (read._tag === 'Left') throw new Error(read.left.found);
  return read.right;
};

const pixel = ({ width, data }: Picture, x: number, y: number) =>
  Array.from(data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4));

/** Writes the first held-out digit. */
const writeDigit = async (folder: string): Promise<Float32Array> => {
  const parsed = parseNpz(readFileSync(heldOutDigits));
  if (parsed._tag === 'Left') throw new Error('the held-out digits cannot be read');
  const pixels = toFloat32(parsed.right.get('images')!).subarray(0, 64);
  const grey = (x: number, y: number) => Math.round(255 * pixels[8 * y + x]);
  const digit = pictureOf(8, 8, (x, y) => [grey(x, y), grey(x, y), grey(x, y)]);
  await writePicture(join(folder, 'digit.png'), digit)();
  return pixels;
};

const noise = (width: number, height: number) =>
  pictureOf(width, height, (x, y) => [(7 * x) % 256, (9 * y) % 256, (x * y) % 256]);

t.test('a digit is enlarged without blur, beside it its map, brighter where attention is', async (t) => {
  const folder = t.testdir();
  const pixels = await writeDigit(folder);
  const args = ['attend', 'digits', 'digit.png', '--out', 'map.png', '--json'];
  const said = JSON.parse(outputOf(renga(folder, ...args)));
  t.match(said, { out: 'map.png', layer: 'perceiver_encoder/~/cross_attention/attention', grid: [8, 8] });
  const weights: number[] = said.weights;
  t.equal(weights.length, 64);
  t.ok(Math.abs(weights.reduce((a, b) => a + b) - 1) < 1e-5);
  t.ok(Math.abs(said.most - 64 * Math.max(...weights)) < 1e-9);
  const map = await pictureIn(join(folder, 'map.png'));
  t.same([map.width, map.height], [512 + 8 + 512 + 8 + 24, 512]);
  const top = Math.max(...weights);
  for (let cell = 0; cell < 64; cell++) {
    const [x, y] = [64 * (cell % 8), 64 * Math.floor(cell / 8)];
    const grey = Math.round(255 * pixels[cell]);
    for (const [dx, dy] of [
      [0, 0],
      [63, 63],
    ])
      t.ok(
        pixel(map, x + dx, y + dy)
          .slice(0, 3)
          .every((value) => Math.abs(value - grey) <= 1),
        'a pixel is a square',
      );
    const amount = weights[cell] / top;
    const share = 0.55 + 0.3 * amount;
    const wanted = heat(amount).map((value) => share * value + (1 - share) * 0.7 * grey);
    const found = pixel(map, 520 + x + 31, y + 31);
    t.ok(wanted.every((value, c) => Math.abs(value - found[c]) <= 2));
  }
});

t.test(
  'several inputs give a file and a line each; a damaged one is named, and the rest goes on',
  async (t) => {
    const folder = t.testdir({ in: { 'b.png': 'damaged' } });
    await writeDigit(join(folder, 'in'));
    const digits = renga(folder, 'attend', 'digits', 'in', 'in/digit.png', '--out', 'maps');
    const line = (name: string) => `${join('maps', name)}: taken for 0, \\d+\\.\\d % sure\n`;
    t.match(digits.stdout, new RegExp(`^${line('digit.png')}${line('digit_2.png')}$`));
    t.match(digits.stderr, /in.b\.png: found a text file, expected a picture/);
    t.equal(digits.status, 1);
    t.same(readdirSync(join(folder, 'maps')), ['digit.png', 'digit_2.png']);
    const texts = ['attend', 'words', 'a sm_ll plant', 'yellow fl_wers', '--out', 'pages', '--json'];
    const said = outputOf(renga(folder, ...texts))
      .trim()
      .split('\n');
    t.same(
      said.map((text) => JSON.parse(text)).map(({ out, text }) => [out, text]),
      [
        [join('pages', 'map_0001.html'), 'a small plant'],
        [join('pages', 'map_0002.html'), 'yellow flowers'],
      ],
    );
  },
);

t.test('a text becomes a page of its own, escaped, with each byte and each blank', async (t) => {
  const folder = t.testdir();
  const args = ['attend', 'words', "a <sm_ll> 'pl\u00e4nt'\n&_", '--out', 'map.html'];
  const said = JSON.parse(outputOf(renga(folder, ...args, '--layer', 'decoder', '--json')));
  const length = new TextEncoder().encode("a <sm_ll> 'pl\u00e4nt'\n&_").length;
  t.same(
    said.maps.map(({ title }: { title: string }) => title),
    [
      'What byte 5 looks at, by way of the latents',
      `What byte ${length - 1} looks at, by way of the latents`,
    ],
  );
  for (const { weights } of said.maps) {
    t.equal(weights.length, length);
    t.ok(Math.abs(weights.reduce((a: number, b: number) => a + b) - 1) < 1e-5);
  }
  const page = readFileSync(join(folder, 'map.html'), 'utf8');
  t.notMatch(page, /src=|href=|<script|url\(/, 'it needs no other file');
  t.notMatch(page, '<sm');
  t.match(page, '>&lt;</span>');
  t.match(page, '>&amp;</span>');
  t.match(page, '>ä</span>');
  t.match(page, /byte 9, 0x20: \d/);
  t.match(page, />␣<\/span>/);
  t.match(page, /⏎<\/span><\/span><br>/);
  t.equal(page.match(/<tbody>[^]*<\/tbody>/)![0].match(/<tr>/g)!.length, 2);
  const shares = [...page.matchAll(/(\d+\.\d) % of the attention/g)].map(([, share]) => Number(share));
  t.equal(shares.length, 2 * length);
  t.ok(Math.abs(shares.slice(0, length).reduce((a, b) => a + b) - 100) < 0.05 * length + 0.1);
});

t.test('a text is filled in, and said to be', async (t) => {
  const folder = t.testdir();
  const text = 'a sm#ll plant with yellow fl#wers';
  const said = outputOf(renga(folder, 'attend', 'words', text, '--out', 'map.html', '--blank', '#'));
  t.match(
    said,
    /^map\.html: perceiver_encoder\S+\na small plant with yellow flowers\nat most \d\.\d\d times an even share of 33 bytes\n$/,
  );
});

const classifier = {
  imageShape: [16, 16, 3],
  preprocessor: { position: { maxResolution: [4, 4] } },
  encoder: {
    numLatents: 4,
    numLatentChannels: 16,
    numBlocks: 1,
    numSelfAttendsPerBlock: 1,
    numSelfAttendHeads: 2,
  },
};

t.test('a picture is shown as the model sees it, whatever its size', async (t) => {
  const folder = t.testdir({ 'small.json': JSON.stringify(classifier) });
  await writePicture(join(folder, 'a.png'), noise(40, 30))();
  const args = [
    'attend',
    'imagenet-conv',
    'a.png',
    '--config',
    'small.json',
    '--seed',
    '1',
    '--out',
    'map.png',
  ];
  t.match(
    outputOf(renga(folder, ...args)),
    /^map\.png: .*\ntaken for .*\nat most \d+\.\d\d times an even share of 4 × 4\n$/,
  );
  const { width, height } = await pictureIn(join(folder, 'map.png'));
  t.same([width, height], [512 + 8 + 512 + 8 + 24, 512]);
});

const flowConfig = {
  imageShape: [24, 32],
  numBands: 4,
  featureChannels: 8,
  encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 2 },
};

t.test('two pictures give the flow and where the encoder looks, over all tiles', async (t) => {
  const folder = t.testdir({ 'small.json': JSON.stringify(flowConfig) });
  for (const name of ['a.png', 'b.png']) await writePicture(join(folder, name), noise(40, 30))();
  const model = ['--config', 'small.json', '--seed', '1'];
  const said = JSON.parse(
    outputOf(renga(folder, 'attend', 'flow', 'a.png', 'b.png', '--out', 'map.png', '--json', ...model)),
  );
  t.match(said, { grid: [30, 40], tiles: 6 }, 'two tiles beside each other, three below');
  t.ok(said.most > 1);
  const map = await pictureIn(join(folder, 'map.png'));
  t.same([map.width, map.height], [3 * 640 + 3 * 8 + 97, 480]);
  t.same(pixel(map, 648 + 320, 240), [255, 255, 255, 255], 'untrained, nothing moves');
  t.notSame(pixel(map, 3 * 648 + 48 + 40, 48), [255, 255, 255, 255], "the wheel's rim has colour");
  t.equal(
    complaintOf(renga(folder, 'attend', 'flow', 'a.png', '--out', 'map.png', ...model)),
    'flow takes two pictures or more, found 1',
  );
});

const filmConfig = {
  numFrames: 4,
  patchGrid: 2,
  samplesPerFrame: 32,
  imageBands: 2,
  audioBands: 3,
  outputChannels: 8,
  labelQueryChannels: 8,
  encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 2 },
};

t.test('a film gives a strip of frames, their reconstruction and the attention to them', async (t) => {
  const folder = t.testdir({ 'small.json': JSON.stringify(filmConfig) });
  await writeFrames(
    join(folder, 'film.gif'),
    Array.from({ length: 4 }, () => noise(8, 8)),
  )();
  await writeSound(join(folder, 'sound.wav'), { sampleRate: 800, channels: [new Float32Array(200)] })();
  const args = [
    'attend',
    'multimodal',
    'film.gif',
    '--out',
    'map.png',
    '--config',
    'small.json',
    '--seed',
    '1',
  ];
  const said = outputOf(renga(folder, ...args, '--sound', 'sound.wav'));
  t.match(
    said,
    /\nPSNR \d+\.\d\d dB\n\d+\.\d % of the attention is on the frames, the rest on sound and label\n$/,
  );
  const map = await pictureIn(join(folder, 'map.png'));
  t.same([map.width, map.height], [4 * 112 + 3 * 2, 3 * 112 + 2 * 8]);
  t.equal(outputOf(renga(folder, ...args)), said, 'a GIF has no sound: silence is taken');
});

t.test('what cannot be shown is said, and nothing is written', async (t) => {
  const folder = t.testdir({ 'a.txt': 'no picture' });
  await writeDigit(folder);
  const inTurn = rengaInTurn(t, folder);
  const complaint = async (...args: string[]) => complaintOf(await inTurn('attend', ...args));
  const digit = ['digits', 'digit.png', '--out', 'map.png'];
  const layers =
    'expected one that can be shown on the input: perceiver_encoder/~/cross_attention/attention or classification_decoder/~/basic_decoder/cross_attention/attention';
  t.equal(await complaint(...digit, '--layer', 'nope'), `the layer: found 'nope', ${layers}`);
  t.equal(await complaint(...digit, '--head', '3'), 'the head: found 3, expected 0 to 0');
  t.equal(await complaint(...digit, '--head', '-1'), "--head is '-1', expected a whole number from 0");
  t.equal(
    await complaint('digits', 'a.txt', '--out', 'map.png'),
    'a.txt: found a text file, expected a picture in PNG, JPEG, GIF, BMP, WebP, AVIF or TIFF',
  );
  t.match(
    await complaint('starcraft', 'a', '--out', 'map.png'),
    /^starcraft's input lies on no grid; attend takes .*\bdigits\b/,
  );
  t.equal(
    await complaint('words', 'no blank', '--out', 'map.html'),
    "the text: found no blank, expected a '_' for each missing byte",
  );
  t.equal(
    await complaint('words', 'a _', '--out', 'map.png'),
    "--out is 'map.png', expected a file that ends in .html",
  );
  t.match(
    await complaint('imagenet-conv', 'digit.png', '--out', 'map.png'),
    'imagenet-conv needs --checkpoint',
  );
  t.match(await complaint(...digit, '--engine', 'onnxruntime'), "unknown option '--engine'");
  t.notOk(existsSync(join(folder, 'map.png')) || existsSync(join(folder, 'map.html')));
});
