/** Texts of `words`, a small trained language model in the package. */
import type { About } from '../../lib/docs/about.js';
import { inHaiku, inPackage, onCommandLine } from '../about/loading.js';
import { recipeFacts } from '../about/recipeFacts.js';
import { cite, code, perceiverIO } from '../about/sources.js';
import { wordsRecipe } from './recipe.js';

const wordNet = `@article{miller1995wordnet,
  title   = {{WordNet}: A Lexical Database for {English}},
  author  = {Miller, George A.},
  journal = {Communications of the ACM},
  volume  = {38},
  number  = {11},
  pages   = {39--41},
  year    = {1995}
}`;

export const about: About = {
  task: 'masked language modelling over bytes',
  summary: `Fills in missing letters of a short text. It is the language model made small: 64 places for bytes, 32 latents, 192 wide, 4 layers. 953,734 parameters, trained with DeepMind's JAX code for an hour on definitions of a dictionary: it fills single missing letters about half of the time, and whole missing words rarely. It comes in the package, so that everything can be tried on something that works.`,
  input:
    'A text in UTF-8 of at most 64 bytes, with a `_` (or another character of yours) for each missing byte. The network itself takes ids [batch, 64], whole numbers from 0 to 261, and a mask [batch, 64], 1 where a token is.',
  output:
    'The text filled in, and for each run of blanks the bytes put there with their probabilities, from 0 to 1. The network itself gives logits [batch, 64, 262].',
  why: {
    '64': 'Places for bytes, enough for a definition; queries and keys are as wide over all 8 heads.',
    '96': 'Width of tokens, positions, queries and outputs.',
    '192': 'Width of the latents.',
    '262':
      '256 bytes after 6 special tokens: padding 0, beginning 1, end 2, mask 3, class 4, separator 5. A byte b is the token b + 6.',
  },
  loading: [
    inPackage({ preset: 'words', input: "{ text: 'a sm_ll plant' }", shown: 'output.right.text' }),
    onCommandLine(
      ['npx renga fill-mask "a sm_ll plant with yellow fl_wers"', 'npx renga demo'],
      'Its weights come in the package; `demo` fills in the held-out texts that come with it.',
    ),
    inHaiku('words.pickle', {
      apply: `# with MAX_SEQ_LEN = 64 and the small config; ids and mask [batch, 64]
logits = apply_perceiver(params, jax.random.PRNGKey(42), ids, mask)  # [batch, 64, 262]`,
    }),
  ],
  snippet: {
    language: 'ts',
    code: `import { either as E, taskEither as TE } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import { adopt, engine } from 'renga';
import { readCheckpoint } from 'renga/checkpoint';
import { download } from 'renga/download';
import { words } from 'renga/presets';

await engine();
const model = words();
const weights = pipe(
  download(model.card.checkpoint!.url), // in the package
  TE.chainW(({ path }) => readCheckpoint(path)),
  TE.chainEitherKW(adopt(model)),
);
const answer = await pipe(weights, TE.chainW((adopted) => model.run(adopted, { text: 'a sm_ll plant' })))();
if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left));
console.log(answer.right.text); // a small plant`,
  },
  results: [
    { what: 'missing bytes of the 32 texts in the package', value: '39.9 % right', source: '`renga demo`' },
    {
      what: 'those of them that miss no neighbour',
      value: '50.0 % right',
      source: '`renga demo`',
    },
    {
      what: 'missing bytes of held-out texts',
      value: '34.8 % right',
      source: 'measured in JAX after training',
    },
  ],
  training: [
    { what: 'data', value: 'definitions of WordNet 3.0, 2,000 of them held out' },
    { what: 'length', value: '9,000 steps of 96, about an hour' },
    { what: 'optimiser', value: 'AdamW' },
    { what: 'code', value: "DeepMind's Perceiver at f5de0ede, in JAX" },
    ...recipeFacts(wordsRecipe, 'on a text of your own'),
  ],
  differences: [
    {
      what: 'against the published model',
      said: 'The language model was trained with LAMB on web pages and Wikipedia.',
      found: 'This one was trained with AdamW on definitions: it knows their style, and little else.',
    },
  ],
  uses: 'Trying things out: loading, attention maps, export, training on. A first look at what a Perceiver does.',
  limits:
    'It knows the short definitions of a dictionary and guesses elsewhere. Half of single letters are wrong, and most of what is longer. Letters beyond ASCII are rare in its data.',
  license: { code, weights: 'Apache-2.0; WordNet licence' },
  citation: cite(perceiverIO, wordNet),
  growth: {
    what: 'bytes of text',
    sizes: [16, 32, 64, 128, 256, 512],
    published: 64,
    at: (maxLength) => ({ maxLength }),
  },
};
