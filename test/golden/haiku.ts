/**
 * The folder `haiku`: Haiku's layers, nets and transformations. A case whose source is a class is made from its stored
 * arguments by `fromHaiku`; the others are programs, transcribed by hand in the folder beside this file, which take their
 * sizes from the case's arguments. What renga does not have is named with the reason.
 */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { type Case, type Golden, goldenOf, type IndexEntry, readArrays } from './case.js';
import type { Check } from './compare.js';
import { checks, initializers, isInitTraining, programs, type Transcription } from './haiku/programs.js';
import { moduleOf, programOf } from './modules.js';
import { checkProgram, type Program } from './program.js';

/** Reasons by the pattern of a case's source, or of an argument of its constructor. */
const notRun: readonly (readonly [reason: string, test: (entry: IndexEntry) => boolean])[] = [
  [
    'channels come last',
    ({ config }) => /^(channels_first|NC\w*)$/.test(String(config.data_format)) || config.channel_axis === 1,
  ],
  [
    'convolutions have no masks',
    ({ source, program = '' }) => /hk\.Conv/.test(source ?? '') && /\bmask\b/.test(program),
  ],
  [
    'residual nets and MobileNet are not there',
    ({ source }) => /^hk\.nets\.(ResNet|MobileNet)/.test(source ?? ''),
  ],
  [
    'deep, reset and convolutional recurrent cores are not there',
    ({ source, program = '' }) =>
      /^hk\.(ResetCore|Conv2DLSTM)$/.test(source ?? '') || /core (DeepRNN|deep_rnn)/.test(program),
  ],
  [
    'programs are plain JavaScript: there is no vmap, scan, switch, fori_loop, with_rng, custom creator or setter',
    ({ source }) =>
      /^hk\.(vmap|scan|switch|fori_loop|with_rng|custom_creator|custom_setter)$/.test(source ?? ''),
  ],
];

/** The scalar whose gradient is stored. */
const lossOf =
  ({ cotangent_of: name, loss_added: added }: IndexEntry): Program['loss'] =>
  (outputs, cotangent) => {
    const product = tf.sum(tf.mul(name === undefined ? Object.values(outputs)[0] : outputs[name], cotangent));
    return added === undefined ? product : tf.add(product, outputs[added]);
  };

/** A case of a class, with the initializers that its program tells in words. */
const constructed = (entry: IndexEntry, golden: Golden): Transcription => {
  const made = moduleOf(entry);
  const module = { ...made, options: { ...made.options, ...initializers[entry.case] } } as typeof made;
  return { layer: programOf(module, { entry, golden }) };
};

const checkHaiku = async (folder: string, entry: IndexEntry): Promise<Check[]> => {
  const golden = goldenOf(readArrays(join(folder, `${entry.case}.npz`)));
  if (Object.hasOwn(checks, entry.case)) return checks[entry.case](golden, entry);
  const transcribed = Object.hasOwn(programs, entry.case)
    ? programs[entry.case](entry)
    : constructed(entry, golden);
  const isTraining = transcribed.isTraining ?? entry.call?.is_training === true;
  return checkProgram(
    {
      ...transcribed,
      isTraining,
      isInitTraining: isTraining || isInitTraining.includes(entry.case),
      calls: entry.calls,
      loss: lossOf(entry),
    },
    golden,
    entry.tolerance,
  );
};

/** Every case of the folder. */
export const haikuCases = (folder: string, index: readonly IndexEntry[]): readonly Case[] =>
  index.map((entry) => ({
    name: entry.case,
    notRun: notRun.find(([, test]) => test(entry))?.[0],
    run: () => checkHaiku(folder, entry),
  }));
