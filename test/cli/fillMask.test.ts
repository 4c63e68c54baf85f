/** `renga fill-mask`: missing letters of a text. */
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { digits, words } from '../../presets/index.js';
import { complaintOf, outputOf, renga } from './run.js';

const here = process.cwd();

t.test('a missing letter is filled in', async (t) => {
  t.equal(outputOf(renga(here, 'fill-mask', 'a sm_ll plant')), 'a small plant\n');
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
});

t.test('a checkpoint may be named, or the parameters made by seed', async (t) => {
  const file = fileURLToPath(words().card.checkpoint?.url as URL);
  t.equal(outputOf(renga(here, 'fill-mask', 'a sm_ll plant', '--checkpoint', file)), 'a small plant\n');
  t.match(outputOf(renga(here, 'fill-mask', 'a_b', '--seed', '1')), /^a[^]+b\n$/);
});

t.test('a text that the model cannot take is refused', async (t) => {
  const complaint = (...args: string[]) => complaintOf(renga(here, 'fill-mask', ...args));
  t.equal(complaint('no gap'), "the text: found no blank, expected a '_' for each missing byte");
  t.equal(complaint(`_${'a'.repeat(64)}`), 'the text: found 65 bytes, expected at most 64');
  t.equal(complaint('a__b', '--blank', '__'), "the blank: found '__', expected one character");
});

t.test('a checkpoint of another model is refused, and named where it is known', async (t) => {
  const file = fileURLToPath(digits().card.checkpoint?.url as URL);
  t.equal(
    complaintOf(renga(here, 'fill-mask', 'a_b', '--checkpoint', file)),
    `${file} is a checkpoint of digits, not of words`,
  );
  const folder = t.testdir({
    'config.json': '{ "encoder": { "numSelfAttendsPerBlock": 3 }, "maxLength": 32 }',
  });
  renga(folder, 'init', 'words', '--config', 'config.json', '--seed', '1', '--out', 'other.npz');
  const complaint = complaintOf(renga(folder, 'fill-mask', 'a_b', '--checkpoint', 'other.npz'));
  t.match(complaint, /^other\.npz does not fit words:\n16 missing from the checkpoint:\n/);
  t.match(complaint, '  perceiver_encoder/~/self_attention_3/layer_norm/scale [192]');
  t.match(complaint, '… and 6 more');
  t.match(complaint, 'trainable_position_encoding/pos_embs: found [32, 96], expected [64, 96]');
});

t.test('a model that fills in nothing is refused', async (t) => {
  t.equal(
    complaintOf(renga(here, 'fill-mask', 'a_b', '--preset', 'flow')),
    "--preset is 'flow', expected language or words",
  );
});
