/** GLUE: files of its tasks, texts as ids, answers, the loss of several tasks, figures, a training that learns. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { engine, key } from '../../../lib/index.js';
import { showInputError } from '../../../lib/data/inputError.js';
import { train } from '../../../lib/train/train.js';
import { glue } from '../../../presets/index.js';
import { glueRecipe } from '../../../presets/glue/recipe.js';
import { glueAverage, glueLoss, glueTraining } from '../../../presets/glue/recipe/training.js';
import { glueInput } from '../../../presets/glue/run.js';
import { type GlueTaskName, parseGlue } from '../../../presets/glue/run/tasks.js';

t.before(() => engine());

/** A file of each task in the archive's layout: a line with the answer 1, or 4.5, after the names of its columns. */
const files: Readonly<Record<GlueTaskName, readonly string[]>> = {
  cola: ['gj04\t1\t\tThey "sang.'],
  mnli: [
    'index\tpromptID\tpairID\tgenre\tsentence1_parse\tsentence2_parse\tsentence1\tsentence2\tlabel1\tgold_label',
    '0\t1\t2\tfiction\t(a)\t(b)\tone\ttwo\tneutral\tneutral',
    '1\t1\t2\tfiction\t(a)\t(b)\tone\ttwo\tneutral\t-',
  ],
  mrpc: ['Quality\t#1 ID\t#2 ID\t#1 String\t#2 String', '1\t7\t8\tone\t"two'],
  qnli: ['index\tquestion\tsentence\tlabel', '0\tone\ttwo\tentailment'],
  qqp: ['id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate', '0\t1\t2\tone\ttwo\t1'],
  rte: ['index\tsentence1\tsentence2\tlabel', '0\tone\ttwo\tentailment'],
  sst2: ['sentence\tlabel', 'one two \t1'],
  stsb: [
    'index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore',
    '0\tnews\tf\t2012\t1\tn\tn\tone\ttwo\t4.500',
  ],
};

const read = (task: GlueTaskName, lines: readonly string[]) =>
  parseGlue('train.tsv', task, lines.join('\r\n') + '\r\n');

for (const [task, lines] of Object.entries(files) as [GlueTaskName, readonly string[]][])
  t.test(`the file of ${task} is read; quotes mean nothing`, async (t) => {
    const found = read(task, lines);
    if (E.isLeft(found)) throw new Error(showInputError(found.left));
    const sentences = { cola: ['They "sang.'], sst2: ['one two '], mrpc: ['one', '"two'] }[
      task as string
    ] ?? ['one', 'two'];
    t.same(found.right, [{ sentences, label: task === 'stsb' ? 4.5 : 1 }]);
  });

t.test('a file that is not of the task is refused with its line', async (t) => {
  const complaint = (task: GlueTaskName, ...lines: string[]) => {
    const found = read(task, lines);
    return E.isLeft(found) ? showInputError(found.left) : 'nothing';
  };
  t.match(
    complaint('rte', 'index\tquestion\tlabel'),
    /line 1: found the columns index, question, label, expected a column 'sentence1'/,
  );
  t.match(complaint('rte', files.rte[0], '0\tone'), /line 2: found 2 fields, expected at least 4/);
  t.match(
    complaint('rte', files.rte[0], '0\ta\tb\tyes'),
    /line 2: found the answer 'yes', expected not_entailment or entailment/,
  );
  t.match(
    complaint('stsb', files.stsb[0], files.stsb[1].replace('4.500', '')),
    /line 2: found the answer '', expected a number/,
  );
  t.match(complaint('sst2', files.sst2[0]), /no example/);
});

t.test('a text begins with what tells the task, and is cut off at its end', async (t) => {
  const question = { task: 'stsb', sentences: ['ab', 'c'] };
  const idsOf = (changes: object) => {
    const [ids, mask] = glueInput(glue({ ...glue.small, ...changes }).config, question);
    return { ids: Array.from(ids.data).slice(0, 6), length: mask.data.reduce((a, b) => a + b, 0) };
  };
  const text = [103, 104, 5, 105];
  t.same(idsOf({}), { ids: [...text, 0, 0], length: 4 });
  t.same(idsOf({ conditioning: 'sharedToken' }), { ids: [4, ...text, 0], length: 5 });
  t.same(idsOf({ conditioning: 'taskTokens' }), { ids: [263, ...text, 0], length: 5 });
  t.same(idsOf({ maxLength: 3 }), { ids: text.slice(0, 3), length: 3 });
});

for (const conditioning of ['queries', 'sharedToken', 'taskTokens'] as const)
  t.test(`${conditioning}: questions are answered, other questions refused in words`, async (t) => {
    const model = glue({ ...glue.small, conditioning });
    const weights = model.init(key(1));
    const answer = await model.run(weights, { task: 'cola', sentences: ['They sang.'] })();
    t.match(answer, { right: { label: /^[01]$/, probabilities: [Number, Number] } });
    t.match(await model.run(weights, { task: 'stsb', sentences: ['a', 'b'] })(), {
      right: { label: undefined, value: Number, probabilities: [] },
    });
    t.match(await model.run(weights, { task: 'rte', sentences: ['a', 'b'] })(), {
      left: { found: "'rte'", expected: 'cola or stsb' },
    });
    t.match(await model.run(weights, { task: 'stsb', sentences: ['a'] })(), {
      left: { found: '1', expected: '2 for stsb' },
    });
  });

t.test('each example trains the head of its own task alone', async (t) => {
  const logits = { cola: tf.tensor2d([0, 0, 5, -5], [2, 2]), stsb: tf.tensor2d([9, 3], [2, 1]) };
  const batch = { label: tf.tensor1d([1, 4]), set: tf.tensor1d([0, 1], 'int32') };
  const { sum, weight } = glueLoss(logits, batch, ['cola', 'stsb']) as { sum: tf.Tensor; weight: tf.Tensor };
  const expected = Math.log(2) + 0.5; // of two equal logits; half the square of 4 − 3
  t.ok(Math.abs(sum.dataSync()[0] / weight.dataSync()[0] - expected / 2) < 1e-6);
});

t.test('the sets of MNLI are averaged first', async (t) => {
  t.equal(glueAverage({ mnli: 0.2, 'mnli-mm': 0.4, cola: 0.5, rte: 1 }), (0.3 + 0.5 + 1) / 3);
});

t.test('two tasks are learnt at once', async (t) => {
  const model = glue({ ...glue.small, maxLength: 8 });
  const cola = ['aaa', 'bbb'].map((text, label) => ({ sentences: [text], label }));
  const stsb = ['x', 'y'].map((text, i) => ({ sentences: [text, 'x'], label: 5 - 5 * i }));
  const heldOut = { cola: { task: 'cola', examples: cola }, stsb: { task: 'stsb', examples: stsb } } as const;
  const run = glueTraining({
    model,
    recipe: {
      ...glueRecipe,
      batchSize: 4,
      numSteps: 60,
      peakRate: 0.01,
      warmupSteps: 5,
      optimizer: 'adam',
      weightDecay: 0,
    },
    training: Object.values(heldOut),
    heldOut,
    seed: 0,
  });
  const events: Record<string, unknown>[] = [];
  for await (const event of train(run)) events.push(event as never);
  const evaluated = events.filter(({ kind }) => kind === 'evaluated').map((event) => JSON.stringify(event));
  t.match(evaluated.at(-1), /"cola":1,"stsb":(1|0\.99\d*)/, 'both are right in the end');
});
