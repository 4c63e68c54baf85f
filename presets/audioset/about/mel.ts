/** Texts of the model of AudioSet that hears spectrograms. */
import { variantAbout } from '../../about/variant.js';
import { counted, paper } from '../../about/sources.js';
import { about as raw } from '../about.js';

export const about = variantAbout(raw, 'audiosetMel', {
  summary: `Says what is heard in a recording, and seen in its video if there is one, by the mel spectrogram of the sound: 60 steps of 80 bands, each of the 4,800 numbers an element of its own beside 12,544 blocks of the video.

512 latents, 1,024 wide, attend once to all 17,344 elements and work among themselves in 12 layers; one query asks for the classes. It has 86,568,284 parameters and takes 129.3 GFLOP for a clip of 1.28 seconds.`,
  input:
    'A sound of at least 1.28 seconds at any rate, resampled to 48 kHz, its channels averaged, and optionally its frames, 25 a second. The network itself takes `image` [batch, 32, 224, 224, 3] from -1 to 1, zeros without a video, and `audio` [batch, 60, 80, 1], logarithms of the powers of a mel spectrogram (Slaney, windows of 2,048 samples, a step every 1,024).',
  why: {
    '99': raw.why!['99'],
    '384': raw.why!['384'],
    '487': raw.why!['487'],
    '527': raw.why!['527'],
    '1024': 'Width of the latents, and of the query of the classes.',
  },
  results: [
    { what: 'AudioSet, mAP', value: '44.9', source: paper('table 10') },
    {
      what: 'AudioSet, mAP',
      value: '43.6',
      of: 'the first Perceiver, 21.0M parameters',
      source: paper('table 10'),
    },
    { what: 'training steps a second', value: '3.8', source: paper('table 10') },
  ],
  differences: [
    ...raw.differences.filter(({ what }) => what === 'frequencies'),
    {
      what: 'parameters and FLOPs',
      said: 'Table 10: 88.2M and 129.5B.',
      found:
        '86,568,284 and 129.3B. The FLOPs agree; the 1.6M parameters that are missing, 1.9 %, are explained by nothing that was published.',
      source: counted,
    },
    {
      what: 'the spectrogram',
      said: 'The first paper: 4,800 inputs.',
      found: 'Steps and bands are our choice: 60 · 80 = 4,800, with a step every 1,024 samples.',
      source: 'arXiv:2103.03206, section 4.2',
    },
  ],
});
