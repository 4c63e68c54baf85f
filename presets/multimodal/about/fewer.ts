/** Texts of the autoencoders with 392 and 196 latents. */
import type { About } from '../../../lib/docs/about.js';
import { variantAbout } from '../../about/variant.js';
import { paper } from '../../about/sources.js';
import { about as multimodal } from '../about.js';

/** Figures of table 4, and of the model. */
interface Fewer {
  readonly latents: number;
  readonly parameters: string;
  /** Numbers of the padded inputs for one of the latents, as the paper counts. */
  readonly ratio: string;
  /** Samples of the clip for one number of the latents. */
  readonly ofSamples: string;
  readonly audio: string;
  readonly video: string;
  readonly label: string;
}

const { '784': _latents, ...why } = multimodal.why!;

const fewer = (of: Fewer): About =>
  variantAbout(multimodal, `multimodal${of.latents}`, {
    summary: `The autoencoder of video, sound and a label with ${of.latents} latents in the place of 784: the clip goes through fewer numbers, and comes back worse.

Everything else is as in the released model. It has ${of.parameters} parameters.`,
    why: { ...why, [of.latents]: 'Number of latents; the released model has 784.' },
    results: [
      { what: 'Kinetics-700, sound, PSNR', value: `${of.audio} dB`, source: paper('table 4') },
      { what: 'Kinetics-700, video, PSNR', value: `${of.video} dB`, source: paper('table 4') },
      { what: 'Kinetics-700, top-1', value: `${of.label} %`, source: paper('table 4') },
    ],
    differences: [
      {
        what: 'compression',
        said: `Table 4: a ratio of ${of.ratio}×.`,
        found: `That is to the padded inputs; against the samples of the clip the latents are ${of.ofSamples} times fewer.`,
        source: `arithmetic on ${paper('tables 4 and 5')}`,
      },
    ],
  });

export const with392 = fewer({
  latents: 392,
  parameters: '19,658,151',
  ratio: '176',
  ofSamples: '12.2',
  audio: '25.33',
  video: '24.27',
  label: '8.6',
});

export const with196 = fewer({
  latents: 196,
  parameters: '19,557,799',
  ratio: '352',
  ofSamples: '24.3',
  audio: '14.15',
  video: '23.21',
  label: '11.5',
});
