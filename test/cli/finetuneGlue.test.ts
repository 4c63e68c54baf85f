/** `renga finetune glue`: from a language model, on the tasks whose folders there are. */
import t from 'tap';
import { complaintOf, outputOf, renga } from './run.js';

const small = {
  maxLength: 16,
  modelChannels: 8,
  encoder: {
    ...{ numLatents: 4, numLatentChannels: 8, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 2 },
    ...{ numCrossAttendHeads: 2, qkChannels: 8, vChannels: 8 },
  },
  decoder: { position: { kind: 'trainable', numChannels: 8 }, numHeads: 2, qkChannels: 8, vChannels: 8 },
};

const cola = 'gj04\t1\t\tThey sang.\ngj04\t0\t*\tSang they the.\n';
const rte = 'index\tsentence1\tsentence2\tlabel\n0\ta\tb\tentailment\n1\tb\ta\tnot_entailment\n';

t.test('a language model learns the tasks whose folders there are', async (t) => {
  const folder = t.testdir({
    'small.json': JSON.stringify(small),
    data: { CoLA: { 'train.tsv': cola, 'dev.tsv': cola }, RTE: { 'train.tsv': rte, 'dev.tsv': rte } },
    wrong: { RTE: { 'train.tsv': rte.replace('not_entailment', 'no'), 'dev.tsv': rte } },
    empty: {},
  });
  outputOf(
    renga(folder, 'init', 'language', '--config', 'small.json', '--seed', '1', '--out', 'language.npz'),
  );
  const finetune = (data: string, ...more: string[]) =>
    renga(
      folder,
      ...['finetune', 'glue', '--config', 'small.json', '--checkpoint', 'language.npz'],
      ...['--data', data, '--batch', '4', '--steps', '2', '--out', 'out', ...more],
    );
  const said = outputOf(finetune('data'));
  t.match(said, /cola: 2 examples to train on/);
  t.match(said, /step 1 begins; a step takes about [\d.]+ [kM]B of memory\n/);
  t.match(said, /step 2, evaluation: cola [-\d.]+, rte [\d.]+, average [-\d.]+/);
  // The heads are made anew: beside adapters, they have to learn.
  const adapted = outputOf(finetune('data', '--lora', '2', '--dry-run'));
  t.match(adapted, /rte_logits +18 +trains\n/);
  t.match(adapted, /embed +2,096 +frozen\n/);
  t.match(
    complaintOf(finetune('wrong')),
    /wrong\/RTE\/train\.tsv, line 3: found the answer 'no', expected not_entailment or entailment/,
  );
  t.match(complaintOf(finetune('empty')), /empty has no task of GLUE, expected a folder CoLA or /);
});
