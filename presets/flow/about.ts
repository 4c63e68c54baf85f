/** Texts of the optical flow model: purpose, results, contradictions of paper and released weights. */
import type { About } from '../../lib/docs/about.js';
import { recipeFacts } from '../about/recipeFacts.js';
import { flowRecipe } from './recipe.js';
import { fromHuggingFace, inCode, inHaiku, inTransformers, onCommandLine } from '../about/loading.js';
import {
  cite,
  counted,
  deepMind,
  deepMindWeights,
  modelCard,
  ofHuggingFace,
  paper,
  perceiverIO,
  thread,
} from '../about/sources.js';

const autoFlow = `@inproceedings{sun2021autoflow,
  title     = {{AutoFlow}: Learning a Better Training Set for Optical Flow},
  author    = {Sun, Deqing and Vlasic, Daniel and Herrmann, Charles and Jampani, Varun and Krainin, Michael and
               Chang, Huiwen and Zabih, Ramin and Freeman, William T. and Liu, Ce},
  booktitle = {IEEE/CVF Conference on Computer Vision and Pattern Recognition},
  year      = {2021}
}`;

const repository = 'deepmind/optical-flow-perceiver';

const picture = '{ width: 496, height: 368, data: new Uint8Array(4 * 496 * 368) }';

export const about: About = {
  task: 'optical flow',
  summary: `Takes two pictures of the same scene, one after the other, and says for each pixel of the first where it goes in the second. Nothing in it was made for the task: no cost volume, no warping, no pyramid, only attention.

Each pixel's surroundings of 3 × 3 pixels in both pictures and its place make one vector; 2,048 latents, 512 wide, attend once to all 182,528 of them and work among themselves in 24 layers; each pixel then asks with that same vector. Larger pictures are cut in overlapping tiles of 496 × 368. It has 41,057,134 parameters and takes 1,886.7 GFLOP for a tile.`,
  input:
    'Two colour pictures of the same size, at least 496 × 368 pixels. They are cut in tiles that share at least 20 pixels. The network itself takes [batch, 2, 368, 496, 3], the first picture and the second, colours from -1 to 1.',
  output:
    'For each pixel of the first picture how many pixels it goes to the right and down, [height, width, 2]; negative numbers are to the left and up. Where tiles overlap, those count more whose edge is farther away. On the command line also a picture: hue is the direction, full colour 24 pixels or more.',
  why: {
    '54': '3 colours of each of 3 × 3 pixels of both pictures: 3 · 3 · 3 · 2.',
    '64': 'Width that the 54 colours are projected to, and, by chance, the number of frequencies of each coordinate.',
    '258':
      'A place: 2 coordinates, and for each of them the sine and the cosine of 64 frequencies: 2 + 2 · 2 · 64.',
    '322':
      'A pixel: 64 of its colours and 258 of its place: 64 + 258. The queries are the inputs themselves, so they are as wide.',
    '2048':
      'Number of latents of the released model. Table 16 has one of 1,024 with 16 layers, too; the figures of parameters and FLOPs in the paper are of such a size.',
    '182528': '368 × 496 pixels of a tile, each one element and one query.',
  },
  loading: [
    inCode({
      preset: 'flow',
      input: `{
  first: ${picture},
  second: ${picture},
}`,
      shown: 'output.right.data',
      file: 'optical_flow_checkpoint.pystate',
      size: '164 MB',
    }),
    onCommandLine([
      'npx renga download flow',
      'npx renga flow a.png b.png --out flow.png --checkpoint published',
    ]),
    fromHuggingFace({
      repository,
      note: "The preset cuts patches and scales by itself, so pictures go in and pixels come out, where Hugging Face's class wants patches and gives flow to be multiplied by 20. Its GELU is the exact one; the weights were trained with the tanh form.",
    }),
    inHaiku('optical_flow_checkpoint.pystate', {
      apply: `# images [1, 2, 368, 496, 3] in [-1, 1]
flow = optical_flow.apply(params, jax.random.PRNGKey(42), images)  # [1, 368, 496, 2] in pixels`,
    }),
    inTransformers(
      `import torch
from transformers import PerceiverForOpticalFlow

model = PerceiverForOpticalFlow.from_pretrained('${repository}')

# 3 x 3 patches around each pixel of both pictures, colours in [-1, 1]: [batch, 2, 27, 368, 496]
patches = torch.zeros(1, 2, 27, 368, 496)
with torch.no_grad():
    flow = model(inputs=patches).logits * 20  # [1, 368, 496, 2] in pixels`,
      {
        note: 'Patches are to be cut, tiles to be cut and put together, and the result multiplied by 20, by yourself. The class has the exact GELU, where the weights were trained with the tanh form.',
      },
    ),
  ],
  snippet: {
    language: 'ts',
    code: `import { either as E } from 'fp-ts';
import { engine, key } from 'renga';
import { flow, showInputError } from 'renga/presets';

await engine();
const model = flow({
  imageShape: [16, 24],
  numBands: 4,
  featureChannels: 8,
  encoder: { numLatents: 16, numLatentChannels: 32, numSelfAttendsPerBlock: 2, numSelfAttendHeads: 4 },
});
const weights = model.init(key(42)); // untrained; the last layer begins at zero, and so does all flow
const picture = { width: 40, height: 16, data: new Uint8Array(4 * 40 * 16).fill(128) }; // RGBA
const found = await model.run(weights, { first: picture, second: picture })(); // two tiles
if (E.isLeft(found)) throw new Error(showInputError(found.left));
console.log(found.right.data.length); // 1280
console.log(found.right.data.every((pixels) => pixels === 0)); // true`,
  },
  results: [
    { what: 'Sintel clean, average end-point error', value: '1.81 pixels', source: paper('table 3') },
    { what: 'Sintel final, average end-point error', value: '2.42 pixels', source: paper('table 3') },
    { what: 'KITTI, average end-point error', value: '4.98 pixels', source: paper('table 3') },
    {
      what: 'Sintel clean, Sintel final, KITTI',
      value: '1.95, 2.57, 4.23 pixels',
      of: 'RAFT',
      source: paper('table 3'),
    },
    {
      what: 'Sintel clean, Sintel final, KITTI',
      value: '2.17, 2.91, 5.76 pixels',
      of: 'PWCNet',
      source: paper('table 3'),
    },
    ...(
      [
        ['1.78, 2.70, 6.19', 'this model, frames apart'],
        ['1.91, 2.56, 5.39', 'single pixels'],
        ['1.72, 2.63, 5.93', 'single pixels, frames apart'],
        ['1.84, 2.52, 4.83', 'after a convolution, with the upsampling of RAFT'],
        ['1.90, 2.53, 6.66', 'after a convolution, with the upsampling of RAFT, frames apart'],
        ['2.06, 2.67, 6.12', 'after a convolution, with the upsampling of RAFT, 16 layers of 1,024 latents'],
      ] as const
    ).map(([value, of]) => ({
      what: 'Sintel clean, Sintel final, KITTI',
      value: `${value} pixels`,
      of,
      source: paper('table 16'),
    })),
    {
      what: 'speed at 1088 × 436, tiled',
      value: '0.8 frames a second on a TITAN Xp, 4.4 on a TPUv3 core',
      source: paper('appendix H'),
    },
  ],
  training: [
    {
      what: 'data',
      value: 'AutoFlow, 400,000 made pairs of pictures, 480 epochs',
      source: paper('appendix H'),
    },
    ...recipeFacts(flowRecipe),
    { what: 'code of the training', source: thread('google-deepmind/deepmind-research', 281) },
  ],
  differences: [
    {
      what: 'parameters',
      said: 'The paper: 27.9M.',
      found:
        'Those are of 16 layers and 1,024 latents: 27,908,974. The released model, and the one of table 3, has 24 layers and 2,048 latents: 41,057,134, as its file of 164 MB says too.',
      source: counted,
    },
    {
      what: 'FLOPs',
      said: 'The paper: 987B.',
      found:
        'Those are of 16 layers and 1,024 latents, too: 985.5B as counted here. The released model takes 1,886.7B.',
      source: counted,
    },
    {
      what: 'models after a convolution',
      said: 'Table 16 has three models after a convolution, with the upsampling of RAFT.',
      found:
        'They are not built, for the layers of that upsampling, their widths and the place where the frames are joined were not published. Published are a convolution of 7 × 7 with 64 channels and a max pool, 11,408 inputs and queries, 322 wide, and outputs 64 wide.',
      source: paper('tables 5, 6 and 16'),
    },
    {
      what: 'tiles in the evaluation',
      said: 'The paper: six tiles, evenly spaced.',
      found:
        'The colab, and this library, take as few as cover the picture with at least 20 pixels shared. The colab computes some tiles twice; here none is.',
      source: `${deepMind('optical flow colab')}; ${thread('google-deepmind/deepmind-research', 265)}`,
    },
    {
      what: 'scale',
      said: `Hugging Face's card and class: the output is the flow.`,
      found:
        'It is to be multiplied by 20 to be in pixels, as the colab does (`FLOW_SCALE_FACTOR`). Here the network does: `flowScale`.',
      source: `${deepMind('optical flow colab')}; ${modelCard(repository)}`,
    },
    ...ofHuggingFace(repository),
  ],
  uses: 'How things and the camera move from one frame to the next: for video compression and stabilisation, interpolation of frames, segmentation by motion, odometry.',
  limits: `It was trained on made scenes alone. On KITTI, streets seen from a car, RAFT is better. Pictures smaller than a tile are refused: pad or enlarge them. Nothing says how sure it is, and what is hidden in the second picture gets a flow all the same. At 1.9 TFLOP a tile it is not for real time on a CPU.`,
  license: deepMindWeights,
  citation: cite(perceiverIO, autoFlow),
  growth: {
    what: 'pixels of height, pictures of the shape of a tile',
    sizes: [96, 192, 368, 552, 736],
    published: 368,
    at: (height) => ({ imageShape: [height, Math.round((height * 496) / 368)] }),
  },
};
