/** Texts of the two models of AudioSet: purpose, input, output, published figures. */
import type { About } from '../../lib/docs/about.js';
import { fromSeed, onCommandLine } from '../about/loading.js';
import { recipeFacts } from '../about/recipeFacts.js';
import { cite, code, counted, firstPerceiver, paper, perceiverIO } from '../about/sources.js';
import { audiosetRecipe } from './recipe.js';

const audioSet = `@inproceedings{gemmeke2017audioset,
  title     = {{Audio Set}: An Ontology and Human-Labeled Dataset for Audio Events},
  author    = {Gemmeke, Jort F. and Ellis, Daniel P. W. and Freedman, Dylan and Jansen, Aren and
               Lawrence, Wade and Moore, R. Channing and Plakal, Manoj and Ritter, Marvin},
  booktitle = {IEEE International Conference on Acoustics, Speech and Signal Processing},
  year      = {2017}
}`;

const first = 'arXiv:2103.03206, section 4.2';

export const about: About = {
  task: 'tagging of sounds',
  summary: `Says what is heard in a recording, and seen in its video if there is one: 527 kinds of sound, any number of them at once. Sound and video go through the same attention: 480 pieces of 128 samples and 12,544 blocks of the video, told apart by what was learned for each kind.

512 latents, 512 wide, attend once to all 13,024 elements and work among themselves in 12 layers; one query asks for the classes. It has 24,922,462 parameters and takes 52.7 GFLOP for a clip of 1.28 seconds.`,
  input:
    'A sound of at least 1.28 seconds at any rate, resampled to 48 kHz, its channels averaged, and optionally its frames, 25 a second. 16 clips of 1.28 seconds, evenly spaced and overlapping, are tagged; of each frame the square in the middle is resized to 224 × 224. The network itself takes `image` [batch, 32, 224, 224, 3] and `audio` [batch, 61440, 1], both from -1 to 1; an absent video is zeros.',
  output:
    'The 527 classes of AudioSet by name, the likeliest first, each with a probability of its own from 0 to 1, the mean over the clips. The network itself gives logits [batch, 527], each for a sigmoid.',
  why: {
    '99': 'A place in the video: 3 coordinates, and for each of them 16 sines and 16 cosines: 3 + 2 · 3 · 16.',
    '384': '3 colours of each of 8 × 8 pixels of 2 frames: 3 · 8 · 8 · 2.',
    '487':
      'The widest element is a block of the video: 384 colours, 99 of its place and 4 learned: 384 + 99 + 4 = 487. The sound is padded to as many.',
    '527': 'Classes of AudioSet.',
    '13024': 'All elements: 480 pieces of sound and 12,544 blocks of the video: 480 + 12,544 = 13,024.',
  },
  loading: [
    ...fromSeed('audiosetRaw'),
    onCommandLine(
      ['npx renga audio-tags clip.wav --seed 42'],
      'With parameters by seed the tags mean nothing; `--checkpoint` takes those that you trained.',
    ),
  ],
  snippet: {
    language: 'ts',
    code: `import { either as E } from 'fp-ts';
import { engine, key } from 'renga';
import { audiosetRaw, showInputError } from 'renga/presets';

await engine();
const model = audiosetRaw(audiosetRaw.small);
const weights = model.init(key(42)); // untrained: its tags mean nothing
const sound = { sampleRate: 48000, channels: [new Float32Array(128).fill(0.1)] };
const tags = await model.run(weights, { sound })(); // without a video
if (E.isLeft(tags)) throw new Error(showInputError(tags.left));
console.log(tags.right.length); // 9
console.log(tags.right.every(({ probability }) => probability > 0 && probability < 1)); // true`,
  },
  results: [
    { what: 'AudioSet, mAP', value: '43.3', source: paper('table 10') },
    {
      what: 'AudioSet, mAP',
      value: '42.4',
      of: 'the first Perceiver, 21.0M parameters',
      source: paper('table 10'),
    },
    {
      what: 'AudioSet, mAP, sound alone / video alone / both',
      value: '38.3 / 25.8 / 43.5',
      of: 'the first Perceiver, 2 cross-attentions',
      source: 'arXiv:2103.03206, table 3',
    },
    { what: 'training steps a second', value: '3.8', source: paper('table 10') },
  ],
  training: [
    { what: 'data', value: 'AudioSet, 1.7 million clips of 10 seconds', source: paper('appendix C') },
    { what: 'length', value: '100 epochs of clips of 32 frames, 1.28 seconds', source: paper('appendix C') },
    { what: 'loss', value: 'sigmoid cross-entropy', source: paper('appendix C') },
    { what: 'video dropout', value: '30 % of the examples lose their video', source: first },
    ...recipeFacts(audiosetRecipe),
  ],
  differences: [
    {
      what: 'frequencies',
      said: 'Appendix G: 64 of each dimension in all settings.',
      found: '16, because the inputs are 487 wide: 64 would make them 775 wide.',
      source: `arithmetic on ${paper('table 5')}`,
    },
    {
      what: 'parameters and FLOPs',
      said: 'Table 10: 25.0M and 52.9B.',
      found:
        '24,922,462 and 52.7B: 0.3 % fewer. The frequencies of the sound were not published; what else the authors counted is not said.',
      source: counted,
    },
  ],
  uses: 'Tagging of sounds and films, once trained; a start for models of several modalities.',
  limits:
    'It is untrained: nobody published its parameters. It hears 1.28 seconds at a time, and what lies between the clips of a long recording is not heard.',
  license: { code },
  citation: cite(perceiverIO, firstPerceiver, audioSet),
  growth: {
    what: 'frames',
    sizes: [8, 16, 32, 64],
    published: 32,
    at: (numFrames) => ({ numFrames, numSamples: 1920 * numFrames }),
  },
};
