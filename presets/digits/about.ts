/** Texts of `digits`, a small trained classifier in the package. */
import type { About } from '../../lib/docs/about.js';
import { recipeFacts } from '../about/recipeFacts.js';
import { inHaiku, inPackage, onCommandLine } from '../about/loading.js';
import { digitsRecipe } from './recipe.js';
import { cite, code, counted, perceiverIO } from '../about/sources.js';

export const opticalDigits = `@misc{alpaydin1998optical,
  title     = {Optical Recognition of Handwritten Digits},
  author    = {Alpaydin, E. and Kaynak, C.},
  publisher = {UCI Machine Learning Repository},
  year      = {1998},
  doi       = {10.24432/C50P49}
}`;

/** Code of a picture of a one, light on dark. */
export const one = `{
  width: 8,
  height: 8,
  data: [
    '00039500',
    '0006e900',
    '000cf600',
    '009ff500',
    '001ff500',
    '000ff500',
    '000ff600',
    '0003bb40',
  ].flatMap((row) => [...row].map((ink) => parseInt(ink, 16) / 15)),
}`;

export const about: About = {
  task: 'classification of handwritten digits',
  summary: `Says which digit a picture of 8 × 8 grey pixels shows. It is the ImageNet model of single pixels with Fourier features, made small: 24 latents, 48 wide, 2 layers that run twice. 53,827 parameters, trained with DeepMind's JAX code, 352 of 360 held-out pictures right. It comes in the package, so that everything can be tried on something that works.`,
  input:
    'A grey picture of 8 × 8 pixels, each from 0, empty, to 1, ink. On the command line a PNG or JPEG of any size, light ink on dark paper, made so small. The network itself takes [batch, 8, 8, 1].',
  output:
    'The digit, and the probabilities of all ten, from 0 to 1. The network itself gives logits [batch, 10].',
  why: {
    '27': 'A pixel: 1 grey value and 26 numbers of its place: 2 coordinates, and for each of them the sine and the cosine of 6 frequencies: 1 + 2 + 2 · 2 · 6. Keys and values are as wide.',
    '48': 'Width of the latents and of the query for the class.',
    '64': '8 × 8 pixels, each one element.',
  },
  loading: [
    inPackage({ preset: 'digits', input: one, shown: 'output.right.digit' }),
    onCommandLine(
      ['npx renga classify seven.png --preset digits', 'npx renga demo'],
      'Its weights come in the package; `demo` classifies the 360 held-out pictures.',
    ),
    inHaiku('digits.pystate', {
      hasState: true,
      apply: `# imagenet_classifier with 10 classes and the small config; images [batch, 8, 8, 1]
logits, _ = imagenet_classifier.apply(params, state, jax.random.PRNGKey(42), config, images)`,
    }),
  ],
  snippet: {
    language: 'ts',
    code: `import { either as E, taskEither as TE } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import { adopt, engine } from 'renga';
import { readCheckpoint } from 'renga/checkpoint';
import { download } from 'renga/download';
import { digits } from 'renga/presets';

await engine();
const model = digits();
const weights = pipe(
  download(model.card.checkpoint!.url), // in the package
  TE.chainW(({ path }) => readCheckpoint(path)),
  TE.chainEitherKW(adopt(model)),
);
const picture = ${one};
const answer = await pipe(weights, TE.chainW((adopted) => model.run(adopted, picture)))();
if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left));
console.log(answer.right.digit); // 1
console.log(answer.right.probabilities[1] > 0.8); // true`,
  },
  results: [{ what: 'held-out digits', value: '352 of 360 right, 97.8 %', source: 'run here, and in JAX' }],
  training: [
    {
      what: 'data',
      value: 'UCI optical recognition of handwritten digits, by scikit-learn: 1,437 pictures, 360 held out',
    },
    ...recipeFacts(digitsRecipe),
    { what: 'code', value: "DeepMind's Perceiver at f5de0ede, in JAX" },
  ],
  differences: [
    {
      what: 'against the published model',
      said: 'The ImageNet model has 64 frequencies of each coordinate.',
      found: 'It has 6: from 1 half-cycle to 4, the most that 8 pixels show.',
      source: counted,
    },
  ],
  uses: 'Trying things out: loading, attention maps, export, training on. A first look at what a Perceiver does.',
  limits:
    'Pictures are to be as those of the data: one digit, upright, light on dark, filling 8 × 8 pixels. There is no class for none of them: an empty picture is taken for a digit, too.',
  license: { code, weights: code },
  citation: cite(perceiverIO, opticalDigits),
  growth: {
    what: 'pixels of a side',
    sizes: [8, 16, 24, 32],
    published: 8,
    at: (side) => ({
      imageShape: [side, side, 1],
      preprocessor: { position: { kind: 'fourier', maxResolution: [side, side] } },
    }),
  },
};
