/** Figures of the autoencoder: widths, training, contradictions of the paper's tables, its text, cards and code. */
import type { Difference, TrainingFact } from '../../../lib/docs/about.js';
import { recipeFacts } from '../../about/recipeFacts.js';
import { multimodalRecipe } from '../recipe.js';
import { counted, deepMind, ofHuggingFace, paper, thread } from '../../about/sources.js';

export const why: Readonly<Record<string, string>> = {
  '192':
    'Frequencies of a place in the sound: 1 + 2 · 192 = 385. The authors were asked and gave no reason (deepmind-research, thread 401). The arithmetic does: 192 = 3 · 64, so that one coordinate has as many sines and cosines, 384, as the three of a video with 64 frequencies each, which the paper says it has. A choice to make widths meet, not a physical one.',
  '195': 'A place in the video: 3 coordinates, and for each of them 32 sines and 32 cosines: 3 + 2 · 3 · 32.',
  '303':
    'Learned, the same for every piece of sound: what is missing to 704. 16 samples, 385 of the place, 303: 16 + 385 + 303 = 704.',
  '385': 'A place in the sound: 1 coordinate, 192 sines and 192 cosines.',
  '461':
    'Learned, the same for every patch: what is missing to 704. 48 colours, 195 of the place, 461: 48 + 195 + 461 = 704.',
  '641': "Learned, what the sound's query lacks: 385 + 641 = 1,026.",
  '700': 'Labels of Kinetics-700.',
  '704':
    'The widest modality is the label, 700; at least 4 learned channels are added to each (`minPaddingSize`), so that all elements tell their kind: 700 + 4 = 704.',
  '784': 'Number of latents; 392 and 196 were tried too.',
  '831': "Learned, what the video's query lacks: 195 + 831 = 1,026.",
  '1026':
    "The widest query is the label's, 1,024; at least 2 learned channels are added to each: 1,024 + 2 = 1,026.",
  '1920': 'Pieces of sound: 30,720 samples, 16 each. By chance also the samples of one frame, 48,000 / 25.',
  '50176': 'Patches of the video: 16 frames, 56 × 56 patches of 4 × 4 pixels in each.',
  '52097': 'All elements: 50,176 patches, 1,920 pieces of sound and the label: 50,176 + 1,920 + 1 = 52,097.',
};

export const training: readonly TrainingFact[] = [
  {
    what: 'data',
    value: 'Kinetics-700-2020: 16 frames of 224 × 224 at 25 a second, sound at 48 kHz',
    source: paper('appendix I'),
  },
  {
    what: 'loss',
    value: '0.03 · L1 of the video + 1 · L1 of the sound + 0.0001 · cross-entropy of the label',
    source: paper('appendix I'),
  },
  {
    what: 'decoded for each example',
    value: '512 pixels, 512 pieces of sound and the label',
    source: paper('appendix I'),
  },
  ...recipeFacts(multimodalRecipe),
  { what: 'code of the loss', source: thread('google-deepmind/deepmind-research', 362) },
];

export const differences: readonly Difference[] = [
  {
    what: 'compression',
    said: 'Table 4, and cards after it: a ratio of 88×.',
    found:
      'It is no compression of data: 88.8 is 50,657 · 704 numbers of the padded inputs against 784 · 512 of the latents. Against the samples of the clip the latents are 6.1 times fewer; 12.2 with 392 latents, 24.3 with 196.',
    source: `arithmetic on ${paper('tables 4 and 5')}`,
  },
  {
    what: 'pieces of sound',
    said: 'Table 5: 50,657 inputs and 803,297 outputs, which leaves 480 for the sound.',
    found: 'The text and the code have 1,920: 52,097 inputs and 804,737 outputs.',
    source: `${paper('appendix I')}; ${deepMind('video autoencoding colab')}`,
  },
  {
    what: 'width of the video',
    said: 'The text: 387 of the place and 317 of the modality, 704 together.',
    found:
      'That leaves no room for the 48 colours of a patch. In the code a place has 32 frequencies: 48 + 195 + 461 = 704.',
    source: `${paper('appendix I')}; ${deepMind('video autoencoding colab')}, run`,
  },
  {
    what: 'frequencies',
    said: 'Appendix G: 64 of each dimension in all settings.',
    found:
      '32 of each dimension of the video, 192 of the sound. The models of AudioSet, whose code was not released, have 16: colours, places and padding are 384 + 99 + 4 = 487; 64 would make 775.',
    source: `${deepMind('video autoencoding colab')}; arithmetic on ${paper('table 5')}`,
  },
  {
    what: 'FLOPs',
    said: 'Table 17: 310B in training, 6.85T in evaluation.',
    found:
      '260.1B with 512 pixels, 512 pieces of sound and the label decoded; 7,470.4B for the whole clip at once.',
    source: counted,
  },
  {
    what: 'parameters',
    said: 'Table 17: 20.0M.',
    found: '19,858,855; 19,658,151 with 392 latents, 19,557,799 with 196.',
    source: counted,
  },
  {
    what: 'places of single points',
    said: 'Places of a whole grid of n are -1 + 2 · i / (n - 1), both ends included.',
    found:
      'Those of points that are asked for one by one are -1 + 2 · i / n. The released weights were always decoded so; it is kept.',
    source: deepMind('perceiver.py, `decoder_query`'),
  },
  ...ofHuggingFace('deepmind/multimodal-perceiver'),
];
