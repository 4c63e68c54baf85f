/**
 * The benchmark's programs are the library's models and layers: the same parameters at full size, the same outputs at
 * small size.
 */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { engine } from '../../lib/engine/index.js';
import { flatten } from '../../lib/data/tree.js';
import { baselineOps } from '../../bench/baseline/ops.js';
import { count } from '../../bench/count.js';
import { outlineOf, runOf } from '../../bench/engines/rengaPrograms.js';
import { flow } from '../../bench/programs/flow.js';
import { imagenet, type ImagenetSizes } from '../../bench/programs/imagenet.js';
import { language } from '../../bench/programs/language.js';
import { multimodal } from '../../bench/programs/multimodal.js';
import { differenceOf, sampleOf } from '../../bench/sample.js';
import { inputTensor, keptParams } from '../../bench/tensors.js';
import type { InputSpec, Work } from '../../bench/work.js';
import { works } from '../../bench/works/index.js';
import { smallConv, smallConvChanges, smallLanguage } from '../../bench/works/training.js';

const countOf = ({ program, inputs }: Work) =>
  count(
    program,
    inputs.map(({ shape }) => shape),
  );

t.test('works have names of their own', async (t) => {
  t.equal(new Set(works.map(({ name }) => name)).size, works.length);
});

t.test('programs ask for the parameters that the library asks for', async (t) => {
  for (const work of works) {
    const outlined = outlineOf(work);
    if (!outlined) continue;
    const asked = countOf(work).params.filter(({ leaf }) => leaf !== 'average');
    const expected = flatten(outlined.params).map(([path, { shape }]) => `${path} ${shape}`);
    // Parameters that are masked or replaced anyway are declared by the library and used by nobody.
    const unused = expected.filter((name) =>
      /preprocessor\/((image|audio)_mask_token|label_padding)\//.test(name),
    );
    const found = asked.map(({ path, leaf, shape }) => `${path}/${leaf} ${shape}`);
    const missing = expected.filter((name) => !found.includes(name) && !unused.includes(name));
    t.strictSame(missing, [], `${work.name}: nothing is missing`);
    t.strictSame(
      found.filter((name) => !expected.includes(name)),
      [],
      `${work.name}: nothing is too much`,
    );
  }
});

t.test('operations are counted as the paper counts them', async (t) => {
  const gigaflops = (name: string) =>
    Number((countOf(works.find((work) => work.name === name) as Work).flops / 1e9).toFixed(1));
  t.equal(gigaflops('language'), 120.9);
  t.equal(gigaflops('ImageNet fourier'), 406.1);
  t.equal(gigaflops('ImageNet learned'), 478);
  t.equal(gigaflops('ImageNet conv'), 369.4);
  t.equal(gigaflops('flow, one tile'), 1886.7);
});

const image = (name: string, shape: readonly number[]): InputSpec => ({
  name,
  shape,
  kind: 'normal',
  range: 1,
});

const encoder = {
  numLatents: 8,
  numLatentChannels: 16,
  numBlocks: 2,
  numSelfAttendsPerBlock: 2,
  numSelfAttendHeads: 2,
  numCrossAttendHeads: 1,
};

const small = (
  name: string,
  preset: string,
  changes: object,
  rest: Pick<Work, 'inputs' | 'program'>,
): Work => ({
  name,
  group: 'model',
  tolerance: 1e-5,
  library: { kind: 'preset', name: preset, changes },
  ...rest,
});

const tinyConv: ImagenetSizes = { ...smallConv, imageSize: 16, encoder };
const smallFourier: ImagenetSizes = { ...tinyConv, imageSize: 12, preprocessing: 'fourier' };
const smallLearned: ImagenetSizes = { ...smallFourier, preprocessing: 'learned', numChannels: 6 };
const tinyQuery = { position: { kind: 'trainable', numChannels: 16 } };
const points = { image: { first: 100, count: 40 }, audio: { first: 2, count: 3 } };
const clip = {
  numFrames: 2,
  patchGrid: 4,
  samplesPerFrame: 64,
  samplesPerPatch: 16,
  numClasses: 5,
  imageBands: 4,
  audioBands: 8,
  outputChannels: 12,
  labelQueryChannels: 20,
  encoder,
};

const smallWorks: readonly Work[] = [
  small(
    'language',
    'words',
    {},
    {
      inputs: [
        { name: 'ids', shape: [2, 64], kind: 'ids', range: 262 },
        { name: 'mask', shape: [2, 64], kind: 'mask' },
      ],
      program: language(smallLanguage),
    },
  ),
  small(
    'ImageNet conv',
    'imagenet-conv',
    {
      ...smallConvChanges,
      imageShape: [16, 16, 3],
      preprocessor: { position: { kind: 'fourier', numBands: 8, maxResolution: [4, 4] } },
      encoder,
      decoder: tinyQuery,
    },
    { inputs: [image('images', [2, 16, 16, 3])], program: imagenet(tinyConv) },
  ),
  small(
    'ImageNet fourier',
    'imagenet-fourier',
    {
      imageShape: [12, 12, 3],
      numClasses: 10,
      preprocessor: { position: { kind: 'fourier', numBands: 8, maxResolution: [12, 12] } },
      encoder,
      decoder: tinyQuery,
    },
    { inputs: [image('images', [1, 12, 12, 3])], program: imagenet(smallFourier) },
  ),
  small(
    'ImageNet learned',
    'imagenet-learned',
    {
      imageShape: [12, 12, 3],
      numClasses: 10,
      preprocessor: {
        features: { kind: 'conv1x1', numChannels: 6 },
        position: { kind: 'trainable', numChannels: 6, projectTo: 6 },
      },
      encoder,
      decoder: tinyQuery,
    },
    { inputs: [image('images', [1, 12, 12, 3])], program: imagenet(smallLearned) },
  ),
  small(
    'flow',
    'flow',
    { imageShape: [10, 12], numBands: 4, featureChannels: 8, encoder },
    {
      inputs: [image('images', [1, 2, 10, 12, 3])],
      program: flow({ imageShape: [10, 12], numBands: 4, featureChannels: 8, encoder }),
    },
  ),
  {
    ...small('multimodal', 'multimodal', clip, {
      inputs: [image('image', [1, 2, 16, 16, 3]), image('audio', [1, 128, 1])],
      program: multimodal({ ...clip, points }),
    }),
    library: { kind: 'preset', name: 'multimodal', changes: clip, points },
  },
];

const valuesOf = (run: () => readonly tf.Tensor[]): readonly Float32Array[] => {
  const outputs = tf.tidy(() => [...run()]);
  const values = outputs.map((output) => Float32Array.from(output.dataSync()));
  tf.dispose(outputs);
  return values;
};

t.test('programs compute what presets compute', async (t) => {
  await engine();
  for (const work of smallWorks) {
    const param = keptParams(tf);
    const inputs = work.inputs.map((input) => inputTensor(tf, input));
    const expected = valuesOf(() => runOf(work, param)(inputs)).map(sampleOf);
    const found = valuesOf(() => work.program(baselineOps(param), inputs)).map(sampleOf);
    const difference = differenceOf(found, expected);
    t.ok(difference < work.tolerance, `${work.name} differs by ${difference}`);
    t.ok(
      expected.every(({ largest }) => largest > 1e-3),
      `${work.name} is not all but zero`,
    );
  }
});
