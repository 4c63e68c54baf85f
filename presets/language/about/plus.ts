/** Texts of the larger language model over bytes, Perceiver IO++. */
import { variantAbout } from '../../about/variant.js';
import { counted, paper } from '../../about/sources.js';
import { about as language } from '../about.js';

export const about = variantAbout(language, 'languagePlus', {
  summary: `The larger of the paper's two language models over bytes, Perceiver IO++: it reads the same texts of up to 2,048 bytes with 256 latents that are 1,536 wide, and 40 layers.

It has 425,607,430 parameters and takes 240.9 GFLOP for a text, about twice what the released model has and takes.`,
  why: {
    '256': language.why!['256'],
    '262': language.why!['262'],
    '768': language.why!['768'],
    '1536': 'Width of the latents and of the values of all 8 heads together, 192 each.',
    '2048': language.why!['2048'],
  },
  results: [
    { what: 'GLUE, average', value: '81.8', source: paper('tables 1 and 14') },
    { what: 'CoLA, Matthews correlation', value: '52.54', source: paper('table 14') },
    { what: 'MNLI, accuracy, matched / mismatched', value: '84.13 % / 84.91 %', source: paper('table 14') },
    { what: 'MRPC, accuracy', value: '86.03 %', source: paper('table 14') },
    { what: 'QNLI, accuracy', value: '92.06 %', source: paper('table 14') },
    { what: 'QQP, accuracy', value: '90.46 %', source: paper('table 14') },
    { what: 'RTE, accuracy', value: '66.54 %', source: paper('table 14') },
    { what: 'SST-2, accuracy', value: '93.98 %', source: paper('table 14') },
    { what: 'STS-B, Pearson correlation', value: '87.93', source: paper('table 14') },
    { what: 'training steps a second', value: '4.2', source: paper('table 11') },
  ],
  differences: [
    {
      what: 'queries',
      said: 'Table 6: 1,536 channels.',
      found: '768, as in table 11: with them the parameters are the 425M of the table.',
      source: counted,
    },
  ],
});
