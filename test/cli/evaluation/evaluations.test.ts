/** Data sets in their layouts, small: the examples that are found, and figures that are known beforehand. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { clipEvaluation } from '../../../cli/evaluation/clips.js';
import {
  type EvaluatedFigure,
  type Evaluation,
  type Named,
  type Row,
} from '../../../cli/evaluation/evaluation.js';
import { finiteRunner } from '../../../cli/finiteRunner.js';
import { flowEvaluation } from '../../../cli/evaluation/flows.js';
import { imageEvaluation } from '../../../cli/evaluation/images.js';
import { pointEvaluation } from '../../../cli/evaluation/points.js';
import { recordingEvaluation } from '../../../cli/evaluation/recordings.js';
import { sentenceEvaluation } from '../../../cli/evaluation/sentences.js';
import { generatedEvaluation, maskedEvaluation } from '../../../cli/evaluation/texts.js';
import { float32, int32 } from '../../../lib/data/array.js';
import { showInputError } from '../../../lib/data/inputError.js';
import { mapWithPath } from '../../../lib/data/tree.js';
import { engine, key } from '../../../lib/index.js';
import { writeFrames } from '../../../lib/media/film.js';
import { writeFlow } from '../../../lib/media/flowFile.js';
import { type Picture, pictureOf } from '../../../lib/media/picture.js';
import { psnr } from '../../../lib/media/psnr.js';
import { writePicture } from '../../../lib/media/readPicture.js';
import { writeSound } from '../../../lib/media/readSound.js';
import { matthews, pearson } from '../../../lib/train/metrics.js';
import { engineRunner, type Runner } from '../../../lib/run/index.js';
import {
  audiosetRaw,
  flow,
  glue,
  imagenetConv,
  languageSentencepiece,
  multimodal,
  perceiverAr,
  perceiverPoints,
  sentencePiece,
  words,
} from '../../../presets/index.js';

t.before(() => engine());

const judged = async <I extends Named>(
  { examples, judge, figures }: Evaluation<I>,
  runner: Runner,
  batchSize = 1,
): Promise<readonly EvaluatedFigure[]> => {
  const rows: Row[] = [];
  for (let at = 0; at < examples.length; at += batchSize)
    for (const result of await judge(runner, examples.slice(at, at + batchSize))) {
      if (E.isLeft(result)) throw new Error(showInputError(result.left));
      rows.push(result.right);
    }
  return figures(rows);
};

const write = async (path: string, picture: Picture): Promise<void> => {
  mkdirSync(join(path, '..'), { recursive: true });
  await writePicture(path, picture)();
};

const noise = (width: number, height: number, seed: number): Picture =>
  pictureOf(width, height, (x, y) => [(7 * x + seed) % 256, (9 * y) % 256, (x * y + seed) % 256]);

t.test('ImageNet: folders by class, val.txt and Kaggle name the same classes', async (t) => {
  const folder = t.testdir({ ours: {}, list: {}, kaggle: {} });
  const ids = ['n02', 'n05', 'n09', 'n11', 'n20', 'n21', 'n30', 'n31', 'n40', 'n41', 'n50', 'n51'];
  const model = imagenetConv({ ...imagenetConv.small, numClasses: ids.length });
  const chosen = [3, 0, 11];
  const names = chosen.map((_, i) => `ILSVRC2012_val_0000000${i + 1}.JPEG`);
  const mapping = ids.map((id) => `${id} a thing`).join('\n');
  for (const [i, name] of names.entries()) {
    await write(join(folder, 'ours', 'val', ids[chosen[i]], name), noise(40, 40, i));
    await write(join(folder, 'list', 'val', name), noise(40, 40, i));
    await write(join(folder, 'kaggle', 'ILSVRC', 'Data', 'CLS-LOC', 'val', name), noise(40, 40, i));
  }
  writeFileSync(join(folder, 'ours', 'LOC_synset_mapping.txt'), mapping);
  writeFileSync(join(folder, 'list', 'val.txt'), names.map((name, i) => `${name} ${chosen[i]}`).join('\n'));
  writeFileSync(join(folder, 'kaggle', 'LOC_synset_mapping.txt'), mapping);
  const solution = names.map((name, i) => `${name.replace('.JPEG', '')},${ids[chosen[i]]} 1 2 3 4`);
  writeFileSync(
    join(folder, 'kaggle', 'LOC_val_solution.csv'),
    ['ImageId,PredictionString', ...solution].join('\n'),
  );
  // A head that finds class 3 likeliest, then 0, whatever is shown; class 11 comes last.
  const { params, state } = model.init(key(1));
  const order = Float32Array.from(ids, (_, c) => ({ 3: 9, 0: 8, 11: -9 })[c] ?? 0);
  const head = mapWithPath(params, (path, leaf) => {
    if (path.endsWith('output/w')) return float32(leaf.shape, new Float32Array(leaf.data.length));
    return path.endsWith('output/b') ? float32(leaf.shape, order) : leaf;
  }) as typeof params;
  await using runner = engineRunner({ params: head, state });
  for (const [layout, batch] of [
    ['ours', 1],
    ['list', 2],
    ['kaggle', 3],
  ] as const) {
    const evaluation = await imageEvaluation(model, join(folder, layout));
    t.same(
      evaluation.examples.map(({ label }) => label).sort((a, b) => a - b),
      [0, 3, 11],
    );
    const [first, fifth] = await judged(evaluation, runner, batch);
    t.ok(Math.abs(first.value - 100 / 3) < 1e-9 && Math.abs(fifth.value - 200 / 3) < 1e-9, layout);
  }
  await t.rejects(
    imageEvaluation(imagenetConv(imagenetConv.small), join(folder, 'list', 'val')),
    /found no labels, expected a folder for each class/,
  );
  await t.rejects(
    imageEvaluation(imagenetConv(imagenetConv.small), join(folder, 'nowhere')),
    /nowhere: found no folder, expected a folder for each class/,
  );
  await t.rejects(
    imageEvaluation(imagenetConv({ ...imagenetConv.small, numClasses: 4 }), join(folder, 'ours')),
    /the list beside has 12 classes, expected 4/,
  );
});

t.test('Sintel and KITTI: a model that moves every pixel alike is off by what is known', async (t) => {
  const folder = t.testdir({ sintel: {}, kitti: {} });
  const model = flow({
    ...{ imageShape: [24, 32], numBands: 4, featureChannels: 8 },
    encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 2 },
  });
  const { params } = model.init(key(1));
  // The decoder divides by 100, the model multiplies by 20: 3 pixels to the right, 4 up.
  const moving = mapWithPath(params, (path, leaf) =>
    path.endsWith('output/b') ? float32(leaf.shape, [15, -20]) : leaf,
  ) as typeof params;
  await using runner = engineRunner({ params: moving });
  const [width, height] = [40, 30];
  const field = (x: number, y: number) =>
    Float32Array.from({ length: 2 * width * height }, (_, i) => (i % 2 === 0 ? x : y));
  const sintel = join(folder, 'sintel', 'training');
  for (const [part, frames] of [
    ['clean', 3],
    ['final', 2],
  ] as const)
    for (let i = 1; i <= frames; i++)
      await write(join(sintel, part, 'alley_1', `frame_000${i}.png`), noise(width, height, i));
  mkdirSync(join(sintel, 'flow', 'alley_1'), { recursive: true });
  await writeFlow(join(sintel, 'flow', 'alley_1', 'frame_0001.flo'), { width, height, data: field(3, -4) })();
  await writeFlow(join(sintel, 'flow', 'alley_1', 'frame_0002.flo'), { width, height, data: field(3, -2) })();
  const errors = await judged(flowEvaluation(model, join(folder, 'sintel')), runner);
  t.same(
    errors.map(({ what }) => what),
    ['Sintel clean, average end-point error', 'Sintel final, average end-point error'],
  );
  t.ok(Math.abs(errors[0].value - 1) < 1e-4 && Math.abs(errors[1].value) < 1e-4);

  const kitti = join(folder, 'kitti', 'training');
  for (const name of ['000000_10.png', '000000_11.png'])
    await write(join(kitti, 'image_2', name), noise(width, height, 1));
  mkdirSync(join(kitti, 'flow_occ'), { recursive: true });
  // Half of the pixels are known, and half of those are off by 8.
  const known = Uint8Array.from({ length: width * height }, (_, i) => i % 2);
  const data = field(3, -4).map((value, i) => (i % 8 === 3 ? 4 : value));
  await writeFlow(join(kitti, 'flow_occ', '000000_10.png'), { width, height, data, known })();
  const [error, wrong] = await judged(flowEvaluation(model, join(folder, 'kitti')), runner);
  t.ok(
    Math.abs(error.value - 4) < 1e-3 && Math.abs(wrong.value - 50) < 1e-9,
    `${error.value}, ${wrong.value}`,
  );
  t.throws(() => flowEvaluation(model, join(folder, 'none')), /found no folder, expected Sintel's clean/);
});

t.test('text: every byte is judged once, by what was before it', async (t) => {
  const folder = t.testdir({ 'a.txt': 'abca', 'b.txt': 'a longer text, of several blocks', 'c.md': 'x' });
  const model = perceiverAr({ ...perceiverAr.small, zeroLogits: false });
  const weights = model.init(key(3));
  await using runner = engineRunner(weights);
  const all = generatedEvaluation(model, folder);
  const [alone, together] = [await judged(all, runner), await judged(all, runner, 5)];
  t.ok(Math.abs(alone[0].value - together[0].value) < 1e-5);
  const judgedOf = async (name: string) => judged(generatedEvaluation(model, join(folder, name)), runner);
  const [bits] = await judgedOf('a.txt');
  const { data } = await runner.run(model.network, [
    int32([1, 4], [2, 100, 101, 102]),
    int32([1, 4, 1], [1, 2, 3, 4]),
  ]);
  const expected = [100, 101, 102, 100].map((event, row) => {
    const logits = (data as Float32Array).subarray(259 * row, 259 * (row + 1));
    return Math.log2(logits.reduce((sum, value) => sum + Math.exp(value), 0) / Math.exp(logits[event]));
  });
  t.ok(Math.abs(bits.value - expected.reduce((sum, each) => sum + each / 4, 0)) < 1e-4);
  const uniform = perceiverAr(perceiverAr.small);
  await using even = engineRunner(uniform.init(key(3)));
  const [known] = await judged(generatedEvaluation(uniform, folder), even, 4);
  t.ok(Math.abs(known.value - Math.log2(259)) < 1e-5, 'logits of zeros: log2 259 bits');
});

t.test('text: masked bytes of English take fewer bits than those of noise', async (t) => {
  const text = 'a device that is used to measure the height of something above the sea level of the earth';
  const noisy = 'Xq7 zKp9w #vJ2 qQ% 8Gzx jW0k ~Yb4 xV5z Hj3q Zk6 wX1 &Pq0 vB9j kZ2x Qw7 #jX4 zV8q Kp1';
  const folder = t.testdir({ 'a.txt': text, 'b.txt': noisy });
  const model = words();
  const checkpoint = await import('../../../cli/load.js');
  await using runner = engineRunner(await checkpoint.loadWeights(model as never, {}));
  const bitsOf = async (name: string, batch: number) =>
    (await judged(maskedEvaluation(model, join(folder, name)), runner, batch))[0].value;
  const [english, other] = [await bitsOf('a.txt', 1), await bitsOf('b.txt', 2)];
  t.ok(english > 0 && english < other, `${english} and ${other} bits`);
});

t.test('text in pieces: whole words are masked, and bits are of pieces and of their bytes', async (t) => {
  const folder = t.testdir({ 'a.txt': 'a model of layers and a scope of models, '.repeat(8) });
  const file = await sentencePiece(readFileSync('test/presets/language/pieces/pieces.model'))();
  if (E.isLeft(file)) throw new Error(showInputError(file.left));
  const model = languageSentencepiece(languageSentencepiece.small);
  await using runner = engineRunner(model.init(key(1)));
  const evaluation = maskedEvaluation(model, folder, file.right);
  for (const { read } of evaluation.examples) {
    const { targets, isMasked } = read();
    const pieces = Array.from(targets.data, Number).map((id) => file.right.piece(id) ?? '');
    const masked = pieces.filter((_, i) => isMasked.data[i] === 1);
    t.ok(masked.length > 0 && masked[0].startsWith('▁'), masked.join(' '));
    const next = pieces[Array.from(isMasked.data, Number).lastIndexOf(1) + 1] ?? '▁';
    t.ok(next === '' || next.startsWith('▁'), `a word ends before '${next}'`);
  }
  const [piece, , byte] = await judged(evaluation, runner, 3);
  t.match([piece, byte], [{ what: 'bits for each masked piece' }, { what: 'bits for each masked byte' }]);
  t.ok(piece.value > byte.value && byte.value > 0, `${piece.value}, ${byte.value}`);
  t.throws(
    () => maskedEvaluation(model, folder, { ...file.right, vocabSize: 999 }),
    /the tokenizer has 999 pieces, expected at most/,
  );
});

t.test('ModelNet40: meshes and lists of points, in their layouts', async (t) => {
  const square = 'OFF4 1 0\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n4 0 1 2 3\n';
  const line = Array.from({ length: 12 }, (_, i) => `${i},0,0,0,0,1`).join('\n');
  const five = () => ({ airplane: {}, bathtub: {}, bed: {}, bench: {}, bookshelf: {} });
  const folder = t.testdir({
    meshes: { ...five(), bed: { test: { 'bed_1.off': square }, train: { 'bed_2.off': square } } },
    points: {
      ...five(),
      bench: { 'bench_0001.txt': line, 'bench_0002.txt': '1,2' },
      'modelnet40_test.txt': 'bench_0001\nbench_0002\n',
    },
  });
  const model = perceiverPoints(perceiverPoints.small);
  const { params, state } = model.init(key(1));
  const towards = mapWithPath(params, (path, leaf) =>
    path.endsWith('/b') && leaf.shape[0] === 5 ? float32([5], [0, 0, 99, 0, 0]) : leaf,
  ) as typeof params;
  await using runner = engineRunner({ params: towards, state });
  const meshes = pointEvaluation(model, join(folder, 'meshes'));
  t.same(
    meshes.examples.map(({ name, label }) => [name, label]),
    [['bed/bed_1.off', 2]],
  );
  t.match(await judged(meshes, runner), [
    { what: 'ModelNet40, accuracy', value: 100 },
    { what: 'ModelNet40, mean accuracy of classes', value: 100 },
  ]);
  const points = pointEvaluation(model, join(folder, 'points'));
  const [right, wrong] = await points.judge(runner, points.examples);
  t.match(right, { right: { label: 3, right: 0 } });
  t.match(wrong, { left: { where: /bench_0002\.txt, line 1$/, found: "'1,2'" } });
  t.throws(() => pointEvaluation(model, folder), /found 2 folders of classes, expected 5/);
});

t.test('films: folders of frames with sound, by class; ratios are those of the pictures', async (t) => {
  const folder = t.testdir({ abseiling: {}, zumba: {} });
  const model = multimodal(multimodal.small);
  const weights = model.init(key(5));
  await using runner = engineRunner(weights);
  const frames = [0, 1].map((i) => pictureOf(16, 16, (x, y) => [16 * x, 16 * y, 99 * i]));
  const sound = { sampleRate: 800, channels: [Float32Array.from({ length: 64 }, (_, i) => Math.sin(i))] };
  for (const label of ['abseiling', 'zumba']) {
    await writeFrames(join(folder, label, 'clip'), frames)();
    await writeSound(join(folder, label, 'clip', 'sound.wav'), sound)();
  }
  const evaluation = clipEvaluation(model, folder);
  t.same(
    evaluation.examples.map(({ name }) => name),
    ['abseiling/clip', 'zumba/clip'],
  );
  const [audio, video, right] = await judged(evaluation, runner);
  const decoded = await model.run(weights, { frames, sound })();
  if (E.isLeft(decoded)) throw new Error(showInputError(decoded.left));
  t.ok(Math.abs(video.value - psnr(decoded.right.frames, frames)) < 1e-6);
  t.ok(Number.isFinite(audio.value));
  t.equal(right.value, decoded.right.labels[0].label === 'abseiling' ? 50 : 0);
  mkdirSync(join(folder, 'no such class'));
  await writeFrames(join(folder, 'no such class', 'clip'), frames)();
  t.throws(() => clipEvaluation(model, folder), /no class of Kinetics-700 has this name/);
});

t.test('GLUE: files of the archive, each task by its own measure', async (t) => {
  const folder = t.testdir({
    CoLA: { 'dev.tsv': 'a\t1\t\tThey sang.\nb\t0\t*\tSang they the.\nc\t1\t\tIt rains.\n' },
    'STS-B': { 'dev.tsv': 'sentence1\tsentence2\tscore\na b\ta b\t5.0\na\tz\t0.5\nq\tqq\t3.25\n' },
    QQP: { 'dev.tsv': 'of no task of this model' },
  });
  const model = glue(glue.small);
  const weights = model.init(key(6));
  await using runner = engineRunner(weights);
  const evaluation = sentenceEvaluation(model, folder);
  t.equal(evaluation.examples.length, 6);
  const [cola, stsb] = await judged(evaluation, runner, 4);
  t.match(
    [cola, stsb],
    [
      { what: 'CoLA, Matthews correlation', published: '47.88' },
      { what: 'STS-B, Pearson correlation', published: '79.95' },
    ],
  );
  const found: number[] = [];
  for (const { task, sentences } of evaluation.examples) {
    const answer = await model.run(weights, { task, sentences })();
    if (E.isLeft(answer)) throw new Error(showInputError(answer.left));
    found.push(answer.right.value);
  }
  const values = (from: number) => float32([3], found.slice(from, from + 3));
  const expected = pearson(values(3), float32([3], [5, 0.5, 3.25])).value;
  t.ok(Math.abs(stsb.value - 100 * expected) < 1e-3, `${stsb.value}`);
  const ids = (numbers: readonly number[]) => int32([3], [...numbers]);
  t.ok(Math.abs(cola.value - 100 * matthews(ids(found.slice(0, 3)), ids([1, 0, 1])).value) < 1e-9);
  t.throws(
    () => sentenceEvaluation(model, join(folder, 'CoLA')),
    /found no task, expected files of GLUE's archive/,
  );
});

t.test('AudioSet: segments that have a file, by the ids of their classes', async (t) => {
  const ids = Array.from({ length: 9 }, (_, i) => `/m/0${i}`);
  const folder = t.testdir({
    'class_labels_indices.csv': [
      'index,mid,display_name',
      ...ids.map((id, i) => `${i},${id},"thing, ${i}"`),
    ].join('\n'),
    'eval_segments.csv':
      '# created\nabcdefghijk, 30.000, 40.000, "/m/02,/m/05"\n--------abc, 0.0, 10.0, "/m/07"\nmissing0000, 0, 1, "/m/00"\n',
    eval: {},
  });
  const noise = (seed: number) => Float32Array.from({ length: 200 }, (_, i) => Math.sin(i * seed));
  for (const [name, seed] of [
    ['abcdefghijk_30.000', 0.3],
    ['Y--------abc', 0.9],
  ] as const)
    await writeSound(join(folder, 'eval', `${name}.wav`), { sampleRate: 48000, channels: [noise(seed)] })();
  const model = audiosetRaw(audiosetRaw.small);
  const weights = model.init(key(7));
  await using runner = engineRunner(weights);
  const evaluation = await recordingEvaluation(model, folder);
  t.same(
    evaluation.examples.map(({ name, labels }) => [name, labels]),
    [
      ['abcdefghijk', [2, 5]],
      ['--------abc', [7]],
    ],
  );
  const [precision] = await judged(evaluation, runner);
  // Of two recordings each class has one: the average precision of a class is 1 or a half.
  const scores: number[][] = [];
  for (const seed of [0.3, 0.9]) {
    const tags = await model.run(weights, { sound: { sampleRate: 48000, channels: [noise(seed)] } })();
    if (E.isLeft(tags)) throw new Error(showInputError(tags.left));
    scores.push([...tags.right].sort((a, b) => a.index - b.index).map(({ probability }) => probability));
  }
  const of = (own: number, c: number) => (scores[own][c] > scores[1 - own][c] ? 1 : 0.5);
  t.ok(Math.abs(precision.value - (100 * (of(0, 2) + of(0, 5) + of(1, 7))) / 3) < 1e-9, `${precision.value}`);
});

t.test('an output that is not finite is a failure with its place, and no answer', async (t) => {
  const outputs = { logits: float32([1, 3], [1, NaN, 2]) };
  const broken = finiteRunner({ run: async () => outputs } as unknown as Runner);
  await t.rejects(
    broken.run(() => undefined, []),
    /the model's output \[1, 3\] is NaN at \[0, 1\], expected finite numbers/,
  );
});
