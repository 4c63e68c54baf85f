/** Texts of `digit-tones`, a small trained autoencoder in the package. */
import type { About } from '../../lib/docs/about.js';
import { inHaiku, inPackage, onCommandLine } from '../about/loading.js';
import { recipeFacts } from '../about/recipeFacts.js';
import { cite, code, counted, perceiverIO } from '../about/sources.js';
import { one, opticalDigits } from '../digits/about.js';
import { digitTonesRecipe } from './recipe.js';

/** Code of the tone of 7, 852 and 1,209 hertz. */
const seven = `{
  sound: {
    sampleRate: 8000,
    channels: [
      Float32Array.from({ length: 640 }, (_, i) =>
        [852, 1209].reduce((sum, hertz) => sum + 0.5 * Math.sin((2 * Math.PI * hertz * i) / 8000), 0),
      ),
    ],
  },
}`;

export const about: About = {
  task: 'autoencoding of handwritten digits, their telephone tones and their labels',
  summary: `Takes a picture of a handwritten digit and the tone that a telephone sends for it, and gives both back, with the digit's label. One of both is enough: a picture alone becomes its tone and its label, a tone alone a picture. It is the autoencoder of video, sound and a label, made small: 16 latents, 64 wide, 2 layers. 109,950 parameters, trained by this library with one command. It comes in the package, so that a model of several modalities can be tried on something that works.

Whole modalities are hidden in training, each example showing the picture, the sound or both, so that each is learned from the other. The label is never an input.`,
  input:
    'A picture of a digit, or several as a film, light on dark, of which the square in the middle is resized to 8 × 8; and a sound of at least 0.08 seconds, samples from -1 to 1, at any rate; or one of both. The network itself takes `image` [batch, 2, 8, 8, 3] in [0, 1], `audio` [batch, 640, 1] in [-1, 1] at 8 kHz and `label` [batch, 10], which may be zeros.',
  output:
    'A picture of 8 × 8, 640 samples of sound at 8 kHz, and the ten digits with their probabilities, the likeliest first. The network itself gives `image` [batch, pixels, 3], `audio` [batch, samples] and `label` [batch, 10], for the points that are asked for.',
  why: {
    '27': 'A place in the video: 3 coordinates, and for each of them 4 sines and 4 cosines: 3 + 2 · 3 · 4.',
    '33': 'A place in the sound: 1 coordinate, 16 sines and 16 cosines: 1 + 2 · 16.',
    '50': "The widest query is the label's, 48; at least 2 learned channels are added to each: 48 + 2 = 50.",
    '79': 'The widest modality is the video: 48 colours of a patch and 27 of its place; at least 4 learned channels are added to each: 48 + 27 + 4 = 79.',
  },
  loading: [
    inPackage({ preset: 'digitTones', input: seven, shown: 'output.right.labels[0].label' }),
    onCommandLine(
      [
        'npx renga autoencode seven/ --preset digit-tones --out decoded/ --out-sound seven.wav',
        'npx renga autoencode --sound seven.wav --preset digit-tones --out drawn/',
      ],
      'Its weights come in the package. The first command takes a folder with a picture, and the second its sound.',
    ),
    inHaiku('digit-tones.pystate', {
      hasState: true,
      apply: `# video_autoencoder with the small config; images [1, 2, 8, 8, 3] in [0, 1], audio [1, 640, 1] in [-1, 1];
# mask_probs of the preprocessor say what is hidden: {'image': 0.0, 'audio': 1.0, 'label': 1.0}
points = {'image': jax.numpy.arange(64), 'audio': jax.numpy.arange(20), 'label': None}
decoded, _ = video_autoencoder.apply(params, state, jax.random.PRNGKey(42), images, audio, points)`,
    }),
  ],
  snippet: {
    language: 'ts',
    code: `import { either as E, taskEither as TE } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import { adopt, engine } from 'renga';
import { readCheckpoint } from 'renga/checkpoint';
import { download } from 'renga/download';
import { digitTones } from 'renga/presets';

await engine();
const model = digitTones();
const weights = pipe(
  download(model.card.checkpoint!.url), // in the package
  TE.chainW(({ path }) => readCheckpoint(path)),
  TE.chainEitherKW(adopt(model)),
);
const grey = ${one};
const data = Uint8Array.from({ length: 256 }, (_, i) => (i % 4 === 3 ? 255 : 255 * grey.data[i >> 2])); // RGBA
const clip = { frames: [{ width: 8, height: 8, data }] };
const answer = await pipe(weights, TE.chainW((adopted) => model.run(adopted, clip)))();
if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left));
console.log(answer.right.labels[0].label); // 1
const tone = answer.right.sound.channels[0]; // of 697 and 1,209 hertz
const powerAt = (hertz: number) => {
  const turn = (2 * Math.PI * hertz) / 8000;
  const [x, y] = [Math.cos, Math.sin].map((wave) => tone.reduce((sum, sample, i) => sum + sample * wave(turn * i), 0));
  return Math.hypot(x, y);
};
console.log(powerAt(697) > 2 * powerAt(770) && powerAt(1209) > 2 * powerAt(1336)); // true`,
  },
  results: [
    {
      what: 'from held-out pictures alone: label and both frequencies right',
      value: '350 of 360, 97.2 %',
      source: 'run here',
    },
    {
      what: 'from held-out tones alone: the picture is read right by `digits`',
      value: '360 of 360, 100.0 %',
      source: 'run here',
    },
  ],
  training: [
    {
      what: 'data',
      value:
        'UCI optical recognition of handwritten digits, by scikit-learn: 1,437 pictures, 360 held out; tones by ITU-T Q.23, each from phase 0',
    },
    { what: 'loss', value: '1 · L1 of the video + 1 · L1 of the sound + 0.3 · cross-entropy of the label' },
    {
      what: 'decoded for each example',
      value: 'all 64 pixels of the first frame, all 20 pieces of sound and the label',
    },
    ...recipeFacts(digitTonesRecipe),
    { what: 'code', value: '`renga train digit-tones --seed 0`' },
  ],
  differences: [
    {
      what: 'against the published model',
      said: 'In training the label alone is blanked out, in half of the examples.',
      found: 'Here the label always is, and the picture or the sound as a whole in most examples.',
      source: counted,
    },
  ],
  uses: 'Trying things out: several modalities in one model, hidden ones made up, training on.',
  limits:
    'Each digit has one tone, of one length, loudness and phase: ten sounds in all. Recordings of telephones are not among them. Pictures are to be as those of the data: one digit, upright, light on dark. A tone becomes one typical picture, the median of its digit, not one hand or another.',
  license: { code, weights: code },
  citation: cite(perceiverIO, opticalDigits),
  growth: {
    what: 'samples of each frame',
    sizes: [160, 320, 640, 1280],
    published: 320,
    at: (samplesPerFrame) => ({ samplesPerFrame }),
  },
};
