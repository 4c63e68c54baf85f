/** Texts of Perceiver AR: purpose, input, output, published figures. */
import type { About } from '../../lib/docs/about.js';
import { onCommandLine } from '../about/loading.js';
import { recipeFacts } from '../about/recipeFacts.js';
import { cite, code, counted } from '../about/sources.js';
import { perceiverArRecipe } from './recipe.js';

const perceiverAr = `@inproceedings{hawthorne2022general,
  title     = {General-purpose, long-context autoregressive modeling with Perceiver {AR}},
  author    = {Hawthorne, Curtis and Jaegle, Andrew and Cangea, Catalina and Borgeaud, Sebastian and Nash, Charlie
               and others},
  booktitle = {International Conference on Machine Learning},
  year      = {2022}
}`;

const experiment = 'google-research/perceiver-ar, experiment.py';

export const about: About = {
  task: 'autoregressive modelling of long sequences',
  summary: `Reads a sequence of events and says what comes next, event by event: bytes of a text here, bytes of a picture or codes of a sound in the paper.

A Transformer would let every event attend to all events before it, in every layer. Here latents stand for the last events alone, attend once to everything before them, and work among themselves, each seeing only latents that end no later. The cost of the layers does not depend on the length of the context. The published configuration has 26,810,627 parameters, and copies 16 symbols in reverse order; others of the same code reach 131,072 events.`,
  input:
    'The beginning of a text in UTF-8, the number of bytes to write, a temperature, the share of probability (top-p) or the number of bytes (top-k) to choose among, and a seed. The network itself takes events [batch, 32], whole numbers from 0 to 258, where 0 is padding at the end, and their positions [batch, 32, 1].',
  output:
    'The text with its continuation, byte by byte as it is written. The network itself gives logits [batch, 16, 259], one row for each of the last 16 events: what follows it.',
  why: {
    '16': 'Number of latents, half of the context: the half that repeats the other one in reverse.',
    '259': '256 bytes after 3 reserved events: padding 0, end 1, start 2. A byte b is the event b + 3.',
    '1024': 'Width of embedded events and of latents.',
  },
  loading: [
    {
      by: 'renga',
      snippet: {
        language: 'ts',
        code: `import { key } from 'renga';
import { perceiverAr } from 'renga/presets';

const { params } = perceiverAr().init(key(42)); // untrained, as nobody published trained ones
console.log(Object.keys(params).length);`,
      },
      note: 'No parameters were published: it starts from parameters by seed.',
    },
    onCommandLine(
      [
        'npx renga init perceiver-ar --seed 42 --out perceiver-ar.npz',
        'npx renga generate "once upon a" --checkpoint perceiver-ar.npz --temperature 0.8',
      ],
      'The names are those of the Haiku code, which reads what `init` writes with `numpy.load`.',
    ),
  ],
  snippet: {
    language: 'ts',
    code: `import { either as E } from 'fp-ts';
import { engine, key } from 'renga';
import { perceiverAr, showInputError } from 'renga/presets';

await engine();
const model = perceiverAr(perceiverAr.small);
const weights = model.init(key(42)); // untrained: what it writes means nothing
const written = await model.run(weights, { text: 'once', length: 6, seed: 1 })();
if (E.isLeft(written)) throw new Error(showInputError(written.left));
console.log(written.right.text.startsWith('once')); // true
console.log(written.right.bytes.length <= 6); // true`,
  },
  results: [],
  training: [
    { what: 'task', value: 'copying random symbols in reverse order', source: experiment },
    ...recipeFacts(perceiverArRecipe),
    { what: 'dropout', value: '0.1', source: experiment },
    { what: 'penalty on the logits', value: '0.0001', source: experiment },
    {
      what: 'trained here',
      value: 'the same task at a width of 128, 2,000 steps of 64: all of 256 held-out sequences copied',
      source: 'docs/training',
    },
    {
      what: 'trained here, on text',
      value:
        "Jane Austen's Emma, byte by byte, at a width of 96 with a context of 256: 1.92 bits for each byte of its last tenth after 2,000 steps of 8",
      source: 'docs/training',
    },
  ],
  differences: [
    {
      what: 'parameters',
      said: 'Position tables that are not trained are parameters of the Haiku model.',
      found: 'They are counted here as well: 33,792 of 26,810,627.',
      source: counted,
    },
    {
      what: 'chunks of keys',
      said: 'Chunks that do not divide the keys: the last one is moved back, and some keys count twice.',
      found: 'They are refused. Other chunks change no output.',
      source: 'google-research/perceiver-ar, perceiver_ar_model.py',
    },
  ],
  uses: 'Models of long sequences of bytes, notes, pixels or codes, trained by you: texts, music, pictures.',
  limits:
    'It is untrained, as no parameters were published. The published configuration has room for 32 events; a longer context is another config. A context that is full ends the text.',
  license: { code },
  citation: cite(perceiverAr),
  growth: {
    what: 'events',
    sizes: [32, 64, 128, 256, 512],
    published: 32,
    at: (contextLength) => ({ contextLength, positionSizes: [contextLength + 1] }),
  },
};
