/** Texts of the model of GLUE: purpose, input, output, published figures. */
import type { About, PublishedResult } from '../../lib/docs/about.js';
import { fromSeed, onCommandLine } from '../about/loading.js';
import { recipeFacts } from '../about/recipeFacts.js';
import { cite, code, counted, paper, perceiverIO } from '../about/sources.js';
import { glueRecipe } from './recipe.js';

const glueBenchmark = `@inproceedings{wang2019glue,
  title     = {{GLUE}: A Multi-Task Benchmark and Analysis Platform for Natural Language Understanding},
  author    = {Wang, Alex and Singh, Amanpreet and Michael, Julian and Hill, Felix and Levy, Omer and
               Bowman, Samuel R.},
  booktitle = {International Conference on Learning Representations},
  year      = {2019}
}`;

const table14 = paper('table 14');
const measures = 'CoLA, MNLI matched / mismatched, MRPC, QNLI, QQP, RTE, SST-2, STS-B, average';

/** A row of table 14. */
const row = (of: string | undefined, value: string): PublishedResult => ({
  what: measures,
  value,
  ...(of !== undefined && { of }),
  source: table14,
});

export const about: About = {
  task: 'understanding of sentences',
  summary: `Answers questions about a sentence, or about two: is it grammatical, is it praise, does one follow from the other, do they mean the same. Eight tasks, one model: the encoder of the language model over bytes, and for each task a query of its own, whose output goes through a head of two layers.

256 latents, 1,280 wide, attend once to the text and work among themselves in 26 layers. It has 204,278,288 parameters and takes 111.0 GFLOP for a text.`,
  input:
    'The name of a task (cola, mnli, mrpc, qnli, qqp, rte, sst2, stsb) and its one or two sentences in UTF-8, together at most 2,048 bytes; more is cut off. The network itself takes ids [batch, 2048], whole numbers from 0 to 261, and a mask [batch, 2048], 1 where a token is.',
  output:
    'The answer in the words of the benchmark with the probabilities of all, or a number from 0 to 5 for stsb. The network itself gives the logits of all tasks by name, [batch, classes] each.',
  why: {
    '256': 'Number of latents; also the width of queries and keys over all 8 heads.',
    '768': 'Width of tokens, positions, queries, and of the hidden layer of the heads.',
    '1280': 'Width of the latents and of the values of all 8 heads together, 160 each.',
    '2048': 'Places for bytes.',
  },
  loading: [
    ...fromSeed('glue'),
    onCommandLine(
      ['npx renga finetune glue --checkpoint published --data glue_data --lora 4 --dry-run'],
      'It begins with the published language model, gets queries and heads, and trains these and low-rank adapters on the tasks whose folders (CoLA, RTE, …) the data have: all parameters at once have no place in the 4 GiB of WebAssembly. Without `--dry-run` it trains.',
    ),
  ],
  snippet: {
    language: 'ts',
    code: `import { either as E } from 'fp-ts';
import { engine, key } from 'renga';
import { glue, showInputError } from 'renga/presets';

await engine();
const model = glue(glue.small); // two tasks
const weights = model.init(key(42)); // untrained: its answers mean nothing
const answer = await model.run(weights, { task: 'cola', sentences: ['They sang.'] })();
if (E.isLeft(answer)) throw new Error(showInputError(answer.left));
console.log(['0', '1'].includes(answer.right.label!)); // true
console.log(answer.right.probabilities.length); // 2`,
  },
  results: [
    row(undefined, '47.88, 82.05 / 82.77, 90.36, 90.37, 89.49, 80.08, 93.75, 79.95, 81.79'),
    row('a token for each task', '49.06, 82.14 / 82.64, 89.84, 90.53, 89.40, 79.69, 93.17, 80.02, 81.76'),
    row('one token for all tasks', '47.43, 82.03 / 82.65, 89.58, 90.18, 89.20, 82.03, 93.17, 77.95, 81.49'),
    row(
      'trained on each task alone',
      '50.19, 83.22 / 83.89, 87.24, 91.71, 90.12, 64.84, 93.17, 86.81, 80.95',
    ),
    row('Perceiver IO++', '52.54, 84.13 / 84.91, 86.03, 92.06, 90.46, 66.54, 93.98, 87.93, 81.76'),
    row(
      'Perceiver IO, SentencePiece',
      '47.11, 84.53 / 85.03, 87.25, 92.12, 90.22, 65.23, 94.38, 88.18, 81.16',
    ),
    row('BERT Base, by the authors', '50.28, 85.56 / 85.68, 85.75, 92.67, 91.05, 61.72, 93.98, 88.04, 81.14'),
    row(
      'BERT on bytes, of the same FLOPs',
      '20.06, 74.11 / 75.55, 77.00, 85.75, 88.23, 53.91, 89.00, 82.84, 71.45',
    ),
  ],
  training: [
    { what: 'begins with', value: 'the masked language model', source: paper('section 4.1') },
    ...recipeFacts(glueRecipe, 'fine-tuning'),
    {
      what: 'fine-tuning: choice',
      value: 'the best batch and learning rate of the grid on dev, each after 10 epochs',
      source: paper('table 13'),
    },
    {
      what: 'head',
      value: 'two layers with tanh between them, for each task',
      source: paper('appendix F.4'),
    },
    { what: 'how two sentences become one text' },
  ],
  differences: [
    {
      what: 'the gain by training on all tasks at once',
      said: 'Table 2: 81.8 in the place of 81.0.',
      found: 'Nearly all of it is RTE, 15.2 more, and MRPC, 3.1 more; STS-B loses 6.9.',
      source: `arithmetic on ${table14}`,
    },
    {
      what: 'queries',
      said: 'Table 6: 1,280 channels.',
      found: '768, as those of the language model that it begins with.',
      source: counted,
    },
  ],
  uses: 'Fine-tuning on one or several tasks of sentences; the eight of GLUE, or a config of your own tasks.',
  limits:
    'It is untrained: nobody published its parameters. The benchmark is of English. WNLI, the ninth task, is left out, as in the paper.',
  license: { code },
  citation: cite(perceiverIO, glueBenchmark),
  growth: {
    what: 'bytes of text',
    sizes: [512, 1024, 2048, 4096, 8192],
    published: 2048,
    at: (maxLength) => ({ maxLength }),
  },
};
