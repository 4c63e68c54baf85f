/**
 * Perceiver AR, as its first published configuration has it, and the others as changes to it.
 */
import type * as t from 'io-ts';
import * as E from 'fp-ts/lib/Either.js';
import type { ConfigProblem } from '../../lib/data/config.js';
import { type Changes, preset } from '../preset.js';
import { perceiverArNetwork } from './network.js';
import { fromConstructor, perceiverArConfig } from './network/config.js';
import { continueText } from './run.js';

type Input = t.OutputOf<typeof perceiverArConfig>;

/** Values that all published configurations share. Source: perceiver-ar experiment.py. */
const shared = {
  numClasses: 259,
  embedChannels: 1024,
  latentChannels: 1024,
  numCrossAttendHeads: 16,
  numSelfAttendHeads: 16,
  crossAttendWideningFactor: 4,
  selfAttendWideningFactor: 4,
  position: 'absolute' as const,
  positionTable: 'sinusoidal' as const,
  positionsFromData: true,
  fractionToRotate: 0.5,
  dropoutRate: 0.1,
};

/** Copying 16 symbols in reverse: `random_mirrored_32`. */
const copy32: Input = {
  ...shared,
  contextLength: 32,
  positionSizes: [33],
  numLatents: 16,
  numLayers: 1,
  maxWavelength: 32,
};

/**
 * The published configurations by their names in experiment.py, as changes to the preset's own.
 * @example perceiverAr(configurations.imagenet_w_positions)
 */
export const configurations: Readonly<Record<string, Changes<Input>>> = {
  random_mirrored_32: {},
  random_mirrored_131072: {
    contextLength: 131072,
    positionSizes: [131073],
    numLatents: 1024,
    numLayers: 6,
    maxWavelength: 131072,
    headGroupSize: 4,
  },
  imagenet_w_positions: {
    contextLength: 12416,
    positionSizes: [66, 66, 5],
    numLatents: 1024,
    numLayers: 60,
    maxWavelength: 12416,
    positionTable: 'random',
    learnPositions: true,
  },
  dummy_use_positions_from_data: {
    contextLength: 16,
    positionSizes: [12],
    numLatents: 16,
    numLayers: 2,
    maxWavelength: 16,
  },
};

export const perceiverAr = preset({
  name: 'perceiver-ar',
  title: 'Autoregressive modelling of long sequences',
  doc: 'The beginning of a text, to its continuation, byte by byte.',
  sources: ['arXiv:2202.07765', 'google-research/perceiver-ar, experiment.py `random_mirrored_32`'],
  notes: [
    'No parameters were published. The published configuration copies 16 symbols in reverse order.',
    'Position tables are parameters even where they are not trained: 33,792 of the 26,810,627.',
  ],
  task: 'generate',
  codec: perceiverArConfig as t.Type<ReturnType<typeof perceiverArConfig.make>, Input>,
  published: copy32,
  small: {
    embedChannels: 16,
    latentChannels: 16,
    numLatents: 4,
    contextLength: 12,
    positionSizes: [13],
    numCrossAttendHeads: 2,
    numSelfAttendHeads: 2,
    crossAttendWideningFactor: 1,
    selfAttendWideningFactor: 1,
  },
  network: perceiverArNetwork,
  inputs: ({ contextLength, positionSizes = [contextLength] }) =>
    [
      { shape: [1, contextLength], dtype: 'int32' as const },
      { shape: [1, contextLength, positionSizes.length], dtype: 'int32' as const },
    ] as const,
  names: { inputs: ['events', 'positions'], output: 'logits' },
  inputGrid: ({ contextLength }) => ({ shape: [contextLength], start: 0 }),
  run: continueText,
  fromHaiku: (kwargs) => fromConstructor(kwargs) as E.Either<readonly ConfigProblem[], Changes<Input>>,
  about: async () => (await import('./about.js')).about,
});
