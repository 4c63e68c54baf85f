/** Texts of the lighter model of optical flow. */
import { variantAbout } from '../../about/variant.js';
import { counted, paper } from '../../about/sources.js';
import { about as flow } from '../about.js';

export const about = variantAbout(flow, 'flowLight', {
  summary: `Optical flow with half of the latents and two thirds of the layers: 1,024 latents, 512 wide, attend once to all 182,528 pixels of a pair of tiles and work among themselves in 16 layers; each pixel then asks for itself. The input, the queries and the tiles are those of the released model.

It has 27,908,974 parameters and takes 985.5 GFLOP for a tile: the numbers that the paper prints for its main model.`,
  why: {
    '54': flow.why!['54'],
    '64': flow.why!['64'],
    '258': flow.why!['258'],
    '322': flow.why!['322'],
    '1024': 'Number of latents, half of the released model.',
    '182528': flow.why!['182528'],
  },
  results: [
    {
      what: 'Sintel clean, Sintel final, KITTI',
      value: '2.06, 2.67, 6.12 pixels',
      of: 'the same size after convolutions',
      source: paper('table 16'),
    },
    {
      what: 'speed at 1088 × 436, tiled',
      value: '3.3 frames a second on a TITAN Xp, 17.8 on a TPUv3 core',
      of: 'the same size after convolutions',
      source: paper('appendix H'),
    },
  ],
  differences: [
    {
      what: 'which model the figures are of',
      said: 'Table 17 has 27.9M parameters and 987B FLOPs, beside the text of the model with 24 layers and 2,048 latents.',
      found:
        'They are of 16 layers and 1,024 latents: 27,908,974 and 985.5B. The model of 24 layers and 2,048 latents has 41,057,134 and takes 1,886.7B.',
      source: counted,
    },
    {
      what: 'what it reads',
      said: 'Table 16 has 16 layers and 1,024 latents only after convolutions, with the upsampling of RAFT.',
      found: 'The parameters agree with patches of 3 × 3 pixels of both pictures, as here.',
      source: counted,
    },
  ],
});
