/** Texts of the first Perceiver, for clouds of points. */
import type { About } from '../../../lib/docs/about.js';
import { fromSeed } from '../../about/loading.js';
import { cite, code, firstPerceiver, perceiverIO } from '../../about/sources.js';

const modelNet = `@inproceedings{wu2015shapenets,
  title     = {{3D} {ShapeNets}: A Deep Representation for Volumetric Shapes},
  author    = {Wu, Zhirong and Song, Shuran and Khosla, Aditya and Yu, Fisher and Zhang, Linguang and
               Tang, Xiaoou and Xiao, Jianxiong},
  booktitle = {IEEE Conference on Computer Vision and Pattern Recognition},
  year      = {2015}
}`;

export const about: About = {
  task: 'classification of point clouds',
  summary: `Says what thing a cloud of 2,048 points is the surface of, one of 40. The points come in any order, and nothing but their coordinates is known: each is the Fourier features of its place.

512 latents, 1,024 wide, attend to all points and work among themselves in 6 layers, twice. It has 44,772,202 parameters and takes 101.8 GFLOP for a cloud; neither was published.`,
  input:
    'At least 2,048 points [x, y, z] in any unit. As many are chosen evenly, moved around their middle and scaled to [-1, 1]. The network itself takes points [batch, 2048, 3].',
  output:
    'The 40 classes of ModelNet40 by name, the likeliest first, each with a probability from 0 to 1. The network itself gives logits [batch, 40].',
  why: {
    '40': 'Classes of ModelNet40.',
    '387':
      'A point: 3 coordinates, and for each of them the sine and the cosine of 64 frequencies: 3 + 2 · 3 · 64.',
    '512': 'Number of latents.',
    '1024': 'Width of the latents.',
    '2048': 'Number of points.',
  },
  loading: fromSeed('perceiverPoints'),
  snippet: {
    language: 'ts',
    code: `import { either as E } from 'fp-ts';
import { engine, key } from 'renga';
import { perceiverPoints, showInputError } from 'renga/presets';

await engine();
const model = perceiverPoints(perceiverPoints.small);
const weights = model.init(key(42)); // untrained: its answers mean nothing
const circle = Array.from({ length: 12 }, (_, i) => [Math.cos(i), Math.sin(i), 0] as const);
const classes = await model.run(weights, circle)();
if (E.isLeft(classes)) throw new Error(showInputError(classes.left));
console.log(classes.right.length); // 5`,
  },
  results: [],
  training: [
    {
      what: 'data',
      value: 'ModelNet40, 2,048 points of each thing',
      source: 'arXiv:2103.03206, section 4.3',
    },
  ],
  differences: [],
  uses: 'Classification of scanned things, once trained.',
  limits: 'It is untrained: nobody published its parameters. Points have no colours or normals.',
  license: { code },
  citation: cite(firstPerceiver, perceiverIO, modelNet),
  growth: {
    what: 'points',
    sizes: [512, 1024, 2048, 4096, 8192],
    published: 2048,
    at: (numPoints) => ({ numPoints }),
  },
};
