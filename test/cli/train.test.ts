/** `renga train`: a smaller model of digits learns, its files are whole, and a run goes on where it stopped. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parseCheckpoint, parseNpz } from '../../lib/checkpoint/index.js';
import { toFloat32 } from '../../lib/data/array.js';
import { flatten } from '../../lib/data/tree.js';
import { pictureOf } from '../../lib/media/picture.js';
import { writePicture } from '../../lib/media/readPicture.js';
import { digits } from '../../presets/index.js';
import { trainingDigits } from '../../presets/digits/recipe/training.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { complaintOf, outputOf, renga, rengaInTurn } from './run.js';

const smaller = { encoder: { numLatents: 12, numBlocks: 1, numSelfAttendsPerBlock: 1 } };

interface Line {
  readonly kind: string;
  readonly step: number;
  readonly from?: string;
  readonly raw?: { readonly accuracy: number; readonly bitsPerByte?: number };
  readonly metrics?: { readonly loss: number };
}

const linesOf = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const last = (lines: readonly Line[], kind: string): Line =>
  lines.filter((line) => line.kind === kind).at(-1) as Line;

t.test('fifty steps teach a smaller model far more than chance', async (t) => {
  const folder = t.testdir();
  writeFileSync(join(folder, 'config.json'), JSON.stringify(smaller));
  const how = ['train', 'digits', '--config', 'config.json', '--threads', '2'];
  const lines = linesOf(outputOf(renga(folder, ...how, '--steps', '50', '--out', 'run', '--json')));
  t.ok((last(lines, 'evaluated').raw as { accuracy: number }).accuracy > 0.25, 'chance is 0.1');
  t.equal(last(lines, 'ended').step, 50);
  const log = linesOf(readFileSync(join(folder, 'run', 'log.jsonl'), 'utf8'));
  t.same(log, lines, 'the log has what was printed');
  t.same(
    readdirSync(join(folder, 'run')).sort(),
    [
      'classes.json',
      'config.json',
      'log.jsonl',
      'step-00000045.safetensors',
      'step-00000050.safetensors',
      'weights.safetensors',
    ],
    'the last two checkpoints, the log, and the weights with their config',
  );

  const again = renga(folder, ...how, '--steps', '50', '--out', 'run');
  t.match(complaintOf(again), /there is a checkpoint already, step-00000050.*--resume/);
  const resumed = linesOf(
    outputOf(renga(folder, ...how, '--steps', '50', '--out', 'run', '--resume', '--json')),
  );
  t.same(
    resumed.map(({ kind, from }) => [kind, from]),
    [
      ['started', 'step-00000050.safetensors'],
      ['ended', undefined],
    ],
    'nothing is left to do',
  );

  t.equal(outputOf(renga(folder, 'plot', 'run')).trim(), join('run', 'curves.svg'));
  const svg = readFileSync(join(folder, 'run', 'curves.svg'), 'utf8');
  for (const title of ['loss', 'evaluation: accuracy', 'learning rate']) t.match(svg, `>${title}`);
  t.match(complaintOf(renga(folder, 'plot', 'none')), /none.log.jsonl: found no such file or directory/);

  // Tuned to even and odd: a new head of two classes, and nothing but the decoder moves.
  const from = ['--checkpoint', join('run', 'weights.safetensors')]; // the config is in the file
  const tuned = ['finetune', 'digits', ...from, '--steps', '6', '--batch', '64', '--threads', '2'];
  const told = linesOf(outputOf(renga(folder, ...tuned, '--out', 'tuned', '--json')));
  t.equal(last(told, 'ended').step, 6);
  const paramsIn = (run: string) => {
    const read = parseCheckpoint(readFileSync(join(folder, run, 'weights.safetensors')));
    if (read._tag === 'Left') throw new Error('no checkpoint');
    return new Map(flatten(read.right.params));
  };
  const [before, after] = [paramsIn('run'), paramsIn('tuned')];
  t.same(after.get('classification_decoder/~/basic_decoder/output/w')?.shape, [48, 2]);
  for (const [path, { data }] of after) {
    const isSame = String(data) === String(before.get(path)?.data);
    t.equal(isSame, path.startsWith('perceiver_encoder/'), path);
  }
  t.match(
    outputOf(renga(folder, ...tuned, '--lora', '2', '--dry-run')),
    /perceiver_encoder.*lora_a +[\d,]+ {2}trains/,
  );
});

t.test('pictures of your own: folders are classes, damaged ones are skipped and named', async (t) => {
  const folder = t.testdir();
  for (let i = 0; i < 12; i++) {
    const name = join(folder, 'pictures', i % 2 ? 'dark' : 'light', `${i}.png`);
    mkdirSync(dirname(name), { recursive: true });
    await writePicture(
      name,
      pictureOf(9, 9, () => [i % 2 ? 20 : 230, 0, i]),
    )();
  }
  writeFileSync(join(folder, 'pictures', 'dark', 'broken.png'), 'no picture');
  writeFileSync(join(folder, 'config.json'), JSON.stringify(smaller));
  writeFileSync(join(folder, 'recipe.json'), '{ "labelSmoothing": 0, "peakRate": 0.016 }');
  writeFileSync(join(folder, 'wrong.json'), '{ "peakRat": 0.5, "batchSize": 0 }');
  const how = ['train', 'digits', '--data', 'pictures', '--config', 'config.json', '--threads', '1'];
  const short = ['--steps', '2', '--batch', '4', '--held-out', '25', '--out', 'run'];
  t.match(complaintOf(renga(folder, ...how, ...short)), /broken\.png: found/);
  const more = ['--on-damaged', 'skip', '--recipe', 'recipe.json'];
  const text = outputOf(renga(folder, ...how, ...short, ...more));
  t.match(text, /skipped: .*broken\.png/);
  t.match(text, '2 classes: dark, light');
  t.match(text, '9 pictures to train on, 3 held out');
  t.match(text, 'recipe: labelSmoothing: 0.1 → 0');
  t.match(text, 'recipe: peakRate: 0.01 → 0.016', 'a rate that is given is the one of any batch');
  t.ok(
    existsSync(join(folder, 'run', 'best.safetensors')),
    'chosen by the part of the data that is held out',
  );
  t.same(JSON.parse(readFileSync(join(folder, 'run', 'classes.json'), 'utf8')), ['dark', 'light']);
  // Weights say by themselves what they are of, and their classes.
  const light = join('pictures', 'light', '0.png');
  const classesOf = (file: string) =>
    JSON.parse(outputOf(renga(folder, 'classify', light, '--checkpoint', join('run', file), '--json')))
      .classes.map(({ label }: { label: string }) => label)
      .sort();
  t.same(classesOf('weights.safetensors'), ['dark', 'light']);
  // Other formats do not: the preset is named by a person, or else by the error.
  const converted = join('run', 'weights.pystate');
  outputOf(renga(folder, 'convert', join('run', 'weights.safetensors'), converted));
  const files = ['--config', join('run', 'config.json'), '--classes', join('run', 'classes.json')];
  const other = ['classify', light, '--checkpoint', converted, ...files];
  t.match(complaintOf(renga(folder, ...other)), /is a checkpoint of digits, not of imagenet-conv/);
  t.match(outputOf(renga(folder, ...other, '--preset', 'digits')), /% {2}(dark|light)$/m);
  writeFileSync(
    join(folder, 'two.csv'),
    'file,label\npictures/light/0.png,light\npictures/dark/1.png,dark\n',
  );
  const judged = renga(
    ...[folder, 'evaluate', 'digits', '--data', 'two.csv', '--json'],
    ...['--checkpoint', join('run', 'best.safetensors')],
  );
  t.match(JSON.parse(outputOf(judged)), {
    dataset: 'your pictures',
    pictures: 2,
    figures: [{ what: 'top-1', published: undefined }],
  });
  const from = ['--data', 'two.csv', '--checkpoint', join('run', 'weights.safetensors')];
  const lora = [...from, '--lora', '1', '--steps', '1', '--held-out', '50'];
  const ended = outputOf(renga(folder, 'finetune', 'digits', ...lora, '--out', 'run/lora'));
  t.match(ended, "the head is the checkpoint's, which has the same classes");
  t.match(ended, 'recipe: batchSize: 128 → 1 (of 1 picture to train on)', 'a batch that nobody gave fits');
  t.match(ended, /best\.safetensors: those of the best evaluation, with the adapters merged/);
  t.match(
    ended,
    `use them: npx renga classify PICTURE --checkpoint ${join('run', 'lora', 'best.safetensors')}`,
  );
  t.same(classesOf(join('lora', 'best.safetensors')), ['dark', 'light']);
  const apart = ['--checkpoint', join('run', 'lora', 'step-00000001.safetensors')];
  t.match(complaintOf(renga(folder, 'classify', light, ...apart)), 'holds low-rank adapters');
  const rounded = renga(folder, 'convert', apart[1], 'rounded.safetensors', '--dtype', 'int8');
  t.match(complaintOf(rounded), 'holds low-rank adapters');
  const changed = [
    '--batch',
    '4',
    '--held-out',
    '50',
    '--steps',
    '3',
    '--on-damaged',
    'skip',
    '--out',
    'run',
  ];
  const refused = complaintOf(renga(folder, ...how, ...changed, '--resume'));
  for (const [name, before, now] of [
    ['numSteps', 2, 3],
    ['labelSmoothing', 0, 0.1],
    ['data.heldOut', 25, 50],
  ])
    t.match(refused, `  recipe.${name}: the checkpoint has ${before}, the run ${now}\n`);
  t.notMatch(refused, 'batchSize', 'what is the same is not named');
  t.match(
    outputOf(renga(folder, ...how, ...changed, '--resume', '--accept-changes')),
    /goes on from step-00000002.*\n[^]*ended after step 3: done/,
  );
  const wrong = complaintOf(renga(folder, ...how, '--recipe', 'wrong.json'));
  t.match(wrong, 'wrong.json is no recipe');
  t.match(wrong, 'peakRat');
  t.match(wrong, 'batchSize');
});

t.test('a text of your own: the words model goes on, whole words masked', async (t) => {
  const folder = t.testdir({ 'diary.txt': 'the cat sat on the mat and looked at me\n'.repeat(60) });
  const lines = linesOf(
    outputOf(
      renga(folder, 'finetune', 'words', '--data', 'diary.txt', '--steps', '2', '--batch', '4', '--json'),
    ),
  );
  t.equal(last(lines, 'ended').step, 2);
  t.ok((last(lines, 'evaluated').raw as unknown as { loss: number }).loss > 0);
  t.match(complaintOf(renga(folder, 'train', 'words')), 'words needs --data: a text file');
});

t.test('a text of your own, byte by byte: both engines take the same steps; the weights write', async (t) => {
  const small = { embedChannels: 16, latentChannels: 16, numLatents: 8, dropoutRate: 0, position: 'rotary' };
  const folder = t.testdir({
    'diary.txt': 'the cat sat on the mat and looked at me\n'.repeat(60),
    'config.json': JSON.stringify(small),
  });
  const train = (engine: string, out = engine, ...more: string[]) =>
    linesOf(
      outputOf(
        renga(
          ...[folder, 'train', 'perceiver-ar', '--data', 'diary.txt', '--config', 'config.json', '--json'],
          ...['--steps', '4', '--batch', '4', '--engine', engine, '--out', out, '--threads', '1', ...more],
        ),
      ),
    );
  const [own, compiled] = [train('wasm'), train('onnxruntime')].map((lines) =>
    lines.filter(({ kind }) => kind === 'step' || kind === 'evaluated'),
  );
  t.equal(own.length, 8);
  for (const [i, { kind, step, metrics, raw }] of compiled.entries()) {
    t.match(own[i], { kind, step });
    const [mine, theirs] = [
      own[i].metrics?.loss ?? own[i].raw?.bitsPerByte,
      metrics?.loss ?? raw?.bitsPerByte,
    ];
    t.ok(Math.abs((mine as number) / (theirs as number) - 1) < 1e-4, `${kind} ${step}: ${mine}, ${theirs}`);
  }
  t.match(train('onnxruntime', 'wasm', '--resume')[0], {
    from: 'step-00000004.safetensors',
    notes: [/^the checkpoint is of engine renga, and onnxruntime \d.* runs: bits may differ$/],
  });
  const from = ['--config', join('wasm', 'config.json'), '--checkpoint', join('wasm', 'weights.safetensors')];
  t.match(JSON.parse(outputOf(renga(folder, 'generate', 'the', ...from, '--length', '3', '--json'))), {
    bytes: [Number, Number, Number],
  });
  const judged = JSON.parse(
    outputOf(
      renga(folder, 'evaluate', 'perceiver-ar', ...from, '--data', 'diary.txt', '--limit', '2', '--json'),
    ),
  );
  t.match(judged.figures[0], { what: 'bits for each byte', unit: 'bits' });
});

t.test('a dry run tells sizes and time, and writes nothing', async (t) => {
  const folder = t.testdir();
  const text = outputOf(renga(folder, 'train', 'digits', '--batch', '16', '--steps', '100', '--dry-run'));
  t.match(text, 'recipe: batchSize: 128 → 16');
  t.match(text, 'recipe: numSteps: 2500 → 100');
  t.match(text, '53,827 parameters train');
  t.match(text, /of memory at most; a step takes about [\d.]+ MB of memory$/m);
  t.match(text, /\d+ ms a step on \d+ threads?, the mean of \d+; 100 steps of 16 examples take/);
  t.same(readdirSync(folder), []);
});

t.test('what cannot be trained is said in one message', async (t) => {
  const folder = t.testdir({
    'file.txt': 'a file',
    'recipe.json': '{ "warmupSteps": 100000 }',
    'large.json': '{ "batchSize": 2000 }',
    'long.txt': 'a line of text\n'.repeat(1000),
    'blank.txt': `${'a line of text\n'.repeat(300)}${' '.repeat(600)}`,
    'short.txt': `${'a'.repeat(49)}\nlast`,
    'latin.txt': Buffer.from('caf\xe9 au lait', 'latin1'),
  });
  const inTurn = rengaInTurn(t, folder);
  const complaint = async (...args: string[]) => complaintOf(await inTurn('train', ...args));
  t.match(await complaint('flow'), /expected digits[^]*motion is the small model/);
  t.match(await complaint('digits', '--steps', '0'), "--steps is '0', expected a whole number from 1");
  t.match(
    await complaint('digits', '--batch', '2000'),
    '--batch is 2000, expected at most the 1,437 pictures to train on',
  );
  t.equal(
    await complaint('digits', '--recipe', 'large.json'),
    "the recipe's batchSize is 2000, expected at most the 1,437 pictures to train on: give a smaller one by --batch",
  );
  t.match(
    await complaint('digits', '--data', 'nowhere'),
    /^nowhere: found no such file or directory, expected/,
  );
  t.match(await complaint('digits', '--held-out', '20'), '--held-out is for your own data: give --data too');
  t.match(
    await complaint('digits', '--resume'),
    /runs.digits: found no checkpoint, expected one to go on from/,
  );
  const inFolder = async (...args: string[]) => complaintOf(await inTurn(...args));
  t.match(
    await inFolder('train', 'digits', '--recipe', 'recipe.json'),
    /warmupSteps 100000 .* at most numSteps, 2500/,
  );
  const cats = ['--data', 'latin.txt'];
  t.match(await inFolder('train', 'digits', ...cats, '--fps', '3'), /^--fps is for folders of frames/);
  t.match(
    await inFolder('train', 'digits', '--dry-run', '--resume'),
    /^--dry-run goes on from no checkpoint/,
  );
  t.match(await inFolder('finetune', 'digits', '--rate', 'zzz=2'), /^--rate zzz: found no parameter/);
  t.match(
    await inFolder('finetune', 'digits', '--lora', '28'),
    /^lora: rank is 28, expected at most 27, the rank that/,
  );
  t.match(
    await inFolder('finetune', 'words', '--data', 'short.txt'),
    /^short\.txt: found 48 bytes to train on, expected at least [\d,]+, \d+ pieces of 64 for a batch: give a longer text$/,
  );
  t.match(
    await inFolder('finetune', 'words', '--data', 'blank.txt'),
    /^blank\.txt: found [\d]+ characters of white space in the end, which is held out, expected words: .*--held-out, 10 %$/,
  );
  t.match(
    await inFolder('train', 'digits', '--out', 'file.txt/run'),
    /expected a folder: .*file.txt is a file/,
  );
  t.match(
    await inFolder('finetune', 'digits', '--lora-of', 'linear'),
    '--lora-of names the matrices of adapters',
  );
  t.match(await inFolder('finetune', 'words', '--data', 'latin.txt'), 'found 0xe9 at byte 4, line 1');
  const foreign = fileURLToPath(digits().card.checkpoint!.url);
  t.match(
    await inFolder('finetune', 'words', '--data', 'latin.txt', '--checkpoint', 'none.safetensors'),
    /^none\.safetensors: /,
    'weights are looked at before the data is read',
  );
  const long = ['--data', 'long.txt', '--checkpoint', foreign];
  t.match(await inFolder('finetune', 'words', ...long), / is a checkpoint of digits, not of words$/);
});

t.test('no picture to train on is held out', async (t) => {
  const read = (url: URL) => {
    const parsed = parseNpz(readFileSync(url));
    if (parsed._tag === 'Left') throw new Error('not an npz');
    const { images, labels } = Object.fromEntries(parsed.right);
    const pixels = toFloat32(images);
    const keys = Array.from({ length: labels.shape[0] }, (_, i) => pixels.slice(64 * i, 64 * (i + 1)).join());
    return { keys, shape: images.shape, most: pixels.reduce((a, b) => Math.max(a, b)) };
  };
  const [training, heldOut] = [read(trainingDigits), read(heldOutDigits)];
  t.same(training.shape, [1437, 8, 8, 1]);
  t.equal(training.most, 1);
  const held = new Set(heldOut.keys);
  t.equal(training.keys.filter((each) => held.has(each)).length, 0);
});
