/**
 * The published models at full size, forward, batch 1, parameters by name and not trained.
 */
import { flow, publishedFlow } from '../programs/flow.js';
import { imagenet, type Preprocessing, publishedImagenet } from '../programs/imagenet.js';
import { language, publishedLanguage } from '../programs/language.js';
import { multimodal, publishedMultimodal } from '../programs/multimodal.js';
import type { Program } from '../ops.js';
import type { InputSpec, Points, Work } from '../work.js';

/** Deep models magnify what rounding leaves. */
const tolerance = 2e-3;

const model = (
  name: string,
  preset: string,
  inputs: readonly InputSpec[],
  program: Program,
  points?: Points,
): Work => ({
  name,
  group: 'model',
  inputs,
  program,
  library: { kind: 'preset', name: preset, points },
  tolerance,
});

const { maxLength, vocabSize } = publishedLanguage;
const { numFrames, patchGrid, samplesPerFrame } = publishedMultimodal;

const image = (name: string, shape: readonly number[]): InputSpec => ({
  name,
  shape,
  kind: 'normal',
  range: 1,
});

const classifier = (preprocessing: Preprocessing): Work =>
  model(
    `ImageNet ${preprocessing}`,
    `imagenet-${preprocessing}`,
    [image('image', [1, 224, 224, 3])],
    imagenet(publishedImagenet(preprocessing)),
  );

export const models: readonly Work[] = [
  model(
    'language',
    'language',
    [
      { name: 'ids', shape: [1, maxLength], kind: 'ids', range: vocabSize },
      { name: 'mask', shape: [1, maxLength], kind: 'mask' },
    ],
    language(publishedLanguage),
  ),
  classifier('fourier'),
  classifier('learned'),
  classifier('conv'),
  model(
    'multimodal, one of 128 chunks',
    'multimodal',
    [
      image('image', [1, numFrames, 4 * patchGrid, 4 * patchGrid, 3]),
      image('audio', [1, numFrames * samplesPerFrame, 1]),
    ],
    multimodal(publishedMultimodal),
    publishedMultimodal.points,
  ),
  model(
    'flow, one tile',
    'flow',
    [image('images', [1, 2, ...publishedFlow.imageShape, 3])],
    flow(publishedFlow),
  ),
];
