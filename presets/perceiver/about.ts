/** Texts of the first Perceiver, for ImageNet. */
import type { About } from '../../lib/docs/about.js';
import { fromSeed } from '../about/loading.js';
import { cite, code, counted, firstPerceiver, paper, perceiverIO } from '../about/sources.js';

const first = 'arXiv:2103.03206, section 4.1';

export const about: About = {
  task: 'image classification',
  summary: `Says what a photograph shows, one of 1,000 classes, from its 50,176 single pixels, each beside the Fourier features of its place. It is the Perceiver before Perceiver IO: there is no query for the output, and the latents look at the picture again and again.

512 latents, 1,024 wide, attend to all pixels and then work among themselves in 6 layers, eight times; the later seven looks share their weights, and all eight blocks theirs. The mean of the latents is projected to the classes. It has 44,912,254 parameters and takes 706.3 GFLOP for a picture.`,
  input:
    'A colour picture of any size. The square in the middle, 7/8 of the shorter side, is resized to 224 × 224 (bicubic), and each channel has the mean of ImageNet taken off and is divided by its deviation. The network itself takes [batch, 224, 224, 3] of that.',
  output:
    'The 1,000 classes of ImageNet by name, the likeliest first, each with a probability from 0 to 1. The network itself gives logits [batch, 1000].',
  why: {
    '512': 'Number of latents. Self-attention costs their square, whatever the size of the picture.',
    '1024': 'Width of the latents.',
    '258':
      'A place: 2 coordinates, and for each of them the sine and the cosine of 64 frequencies: 2 + 2 · 2 · 64.',
    '261': 'A pixel: 3 colours and 258 numbers of its place: 3 + 258.',
    '50176': '224 × 224 pixels, each one element.',
  },
  loading: fromSeed('perceiver'),
  snippet: {
    language: 'ts',
    code: `import { either as E } from 'fp-ts';
import { engine, key } from 'renga';
import { perceiver, showInputError } from 'renga/presets';

await engine();
const model = perceiver(perceiver.small);
const weights = model.init(key(42)); // untrained: its answers mean nothing
const picture = { width: 40, height: 30, data: new Uint8Array(4 * 40 * 30).fill(128) }; // RGBA
const classes = await model.run(weights, picture)();
if (E.isLeft(classes)) throw new Error(showInputError(classes.left));
console.log(classes.right.length); // 10`,
  },
  results: [
    { what: 'ImageNet, top-1', value: '78.0 %', source: first },
    {
      what: 'ImageNet, top-1',
      value: '78.6 %',
      of: 'one cross-attention, Fourier features',
      source: paper('table 7'),
    },
    {
      what: 'ImageNet, top-1',
      value: '67.6 %',
      of: 'one cross-attention, learned positions',
      source: paper('table 7'),
    },
    {
      what: 'ImageNet, top-1',
      value: '77.4 %',
      of: 'one cross-attention, convolution',
      source: paper('table 7'),
    },
  ],
  training: [
    { what: 'length', value: '120 epochs', source: first },
    {
      what: 'learning rate',
      value: '4e-3, a tenth of it from each of epochs 84, 102 and 114',
      source: first,
    },
    { what: 'optimiser', value: 'LAMB', source: first },
  ],
  differences: [
    {
      what: 'the Perceiver of the second paper',
      said: 'Tables 7 and 8 of Perceiver IO: 42.1M parameters, 404B FLOPs.',
      found:
        'It attends to the picture once (`numCrossAttends: 1`): 42,135,859 and 404.0B. The other seven looks take 302.3B.',
      source: counted,
    },
    {
      what: 'FLOPs with learned positions',
      said: 'Table 8 of Perceiver IO: 404B, as for Fourier features.',
      found: '475.9B: inputs are 512 wide there, 261 here. The 55.9M parameters of the table are right.',
      source: counted,
    },
  ],
  uses: 'Comparison with Perceiver IO; classification of anything that is a list of elements, once trained.',
  limits:
    'It is untrained: nobody published its parameters. Perceiver IO is better and cheaper on the same pictures.',
  license: { code },
  citation: cite(firstPerceiver, perceiverIO),
  growth: {
    what: 'pixels of a side',
    sizes: [112, 168, 224, 336, 448],
    published: 224,
    at: (side) => ({
      imageShape: [side, side, 3],
      preprocessor: { position: { kind: 'fourier', maxResolution: [side, side] } },
    }),
  },
};
