/** `renga fill-mask`: missing letters of a text. */
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { digits, words } from '../../presets/index.js';
import { complaintOf, outputOf, renga, rengaInTurn, rengaGiven } from './run.js';

const here = process.cwd();

t.test('a missing letter is filled in', async (t) => {
  const probabilities = String.raw`a \d\d\.\d %, [a-z] \d+\.\d %`;
  t.match(
    outputOf(renga(here, 'fill-mask', 'a sm_ll plant', '--top', '2')),
    new RegExp(`^a small plant\n {2}byte 4: ${probabilities}\n$`),
  );
});

t.test('several texts, and lines of the standard input, give a line each; one that fails is named', (t) => {
  const result = renga(here, 'fill-mask', 'a sm_ll plant', 'no gap', 'the c_t');
  t.match(result.stdout, /^a small plant {2}\(a .*\)\nthe cat {2}\(a .*\)\n$/);
  t.equal(result.stderr, "renga: 'no gap': the text: found no blank, expected a '_' for each missing byte\n");
  t.equal(result.status, 1);
  const lines = outputOf(rengaGiven('a sm_ll plant\nthe c_t\n', here, 'fill-mask', '-', '--json'));
  t.same(
    lines
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { text: string }).text),
    ['a small plant', 'the cat'],
  );
  t.end();
});

t.test('JSON tells of each gap where it is and how likely its letters are', async (t) => {
  const found = JSON.parse(outputOf(renga(here, 'fill-mask', 'a sm*ll pl**t', '--blank', '*', '--json')));
  t.same(Object.keys(found), ['text', 'spans']);
  t.match(found.text, /^a small pl..t$/);
  t.match(found.spans, [
    { start: 4, text: 'a', probabilities: [Number] },
    { start: 10, text: /^..$/, probabilities: [Number, Number] },
  ]);
  const probabilities: number[] = found.spans.flatMap(
    (span: { probabilities: number[] }) => span.probabilities,
  );
  t.ok(probabilities.every((p) => p > 0.2 && p <= 1));
  const { likeliest } = found.spans[1] as { likeliest: { byte: number; probability: number }[][] };
  t.same(
    likeliest.map((bytes) => bytes.length),
    [3, 3],
  );
  t.same(
    likeliest.map(([{ probability }]) => probability),
    found.spans[1].probabilities,
  );
  t.ok(likeliest.every(([a, b, c]) => a.probability >= b.probability && b.probability >= c.probability));
});

t.test('a checkpoint may be named, or the parameters made by seed', async (t) => {
  const file = fileURLToPath(words().card.checkpoint?.url as URL);
  t.match(outputOf(renga(here, 'fill-mask', 'a sm_ll plant', '--checkpoint', file)), /^a small plant\n/);
  t.match(outputOf(renga(here, 'fill-mask', 'a_b', '--seed', '1')), /^a[^]+b\n/);
  const marked = renga(here, 'fill-mask', 'a_b', '--seed', '1', '--json');
  t.equal((JSON.parse(marked.stdout) as { untrained: boolean }).untrained, true);
  t.equal(marked.stderr, 'renga: untrained parameters of seed 1: the result means nothing\n');
});

t.test('a text that the model cannot take is refused', async (t) => {
  const inTurn = rengaInTurn(t, here);
  const complaint = async (...args: string[]) => complaintOf(await inTurn('fill-mask', ...args));
  t.equal(await complaint('no gap'), "the text: found no blank, expected a '_' for each missing byte");
  t.equal(await complaint(`_${'a'.repeat(64)}`), 'the text: found 65 bytes, expected at most 64');
  t.equal(await complaint('a__b', '--blank', '__'), "the blank: found '__', expected one character");
});

t.test('a checkpoint of another model is refused, and named where it is known', async (t) => {
  const file = fileURLToPath(digits().card.checkpoint?.url as URL);
  const folder = t.testdir({
    'config.json': '{ "encoder": { "numSelfAttendsPerBlock": 3 }, "maxLength": 32 }',
  });
  const inTurn = rengaInTurn(t, folder);
  t.equal(
    complaintOf(await inTurn('fill-mask', 'a_b', '--checkpoint', file)),
    `${file} is a checkpoint of digits, not of words`,
  );
  await inTurn('init', 'words', '--config', 'config.json', '--seed', '1', '--out', 'other.npz');
  const complaint = complaintOf(await inTurn('fill-mask', 'a_b', '--checkpoint', 'other.npz'));
  t.match(complaint, /^other\.npz does not fit words:\n16 missing from the checkpoint:\n/);
  t.match(complaint, '  perceiver_encoder/~/self_attention_3/layer_norm/scale [192]');
  t.match(complaint, '… and 6 more');
  t.match(complaint, 'trainable_position_encoding/pos_embs: found [32, 96], expected [64, 96]');
});

t.test('a model that fills in nothing is refused', async (t) => {
  t.equal(
    complaintOf(renga(here, 'fill-mask', 'a_b', '--preset', 'flow')),
    "--preset is 'flow', expected language or language-plus or words or language-sentencepiece",
  );
});
