/**
 * The model of GLUE that the paper trained on eight tasks at once, and its other conditionings as changes to it.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import { config, count, decodeConfig, required, text } from '../../lib/data/config.js';
import { published as language, small as smallLanguage } from '../language/preset.js';
import { type Changes, preset } from '../preset.js';
import { type GlueConfig, glueConfig, glueNetwork } from './network.js';
import { answerGlue } from './run.js';
import { type GlueTask, glueTasks } from './run/tasks.js';

const tasks = Object.entries<GlueTask>(glueTasks).map(([name, { labels }]) => ({
  name,
  numClasses: Math.max(1, labels.length),
}));

const published = { ...language, tasks };

const sizesConfig = config('glueSizes', 'Sizes as the reference program names them.', {
  vocab_size: required(count, { doc: 'vocabSize' }),
  d_model: required(count, { doc: 'modelChannels' }),
  seq: required(count, { doc: 'maxLength' }),
  z: required(count, { doc: 'encoder.numLatents' }),
  ch: required(count, { doc: 'encoder.numLatentChannels' }),
  layers: required(count, { doc: 'encoder.numSelfAttendsPerBlock' }),
  heads: required(count, { doc: 'heads of all attentions' }),
  qk: required(count, { doc: 'qkChannels of all attentions' }),
  tasks: required(t.readonlyArray(t.tuple([text, count])), { doc: 'names and numbers of classes' }),
});

/** Reads the sizes of a composition of DeepMind's parts; there is no published code of the model itself. */
const fromSizes = (kwargs: unknown) =>
  pipe(
    decodeConfig(sizesConfig, kwargs),
    E.map((of): Changes<typeof published> => ({
      vocabSize: of.vocab_size,
      maxLength: of.seq,
      modelChannels: of.d_model,
      encoder: {
        ...language.encoder,
        numLatents: of.z,
        numLatentChannels: of.ch,
        numSelfAttendsPerBlock: of.layers,
        numSelfAttendHeads: of.heads,
        numCrossAttendHeads: of.heads,
        qkChannels: of.qk,
        vChannels: of.ch,
      },
      decoder: {
        ...language.decoder,
        position: { kind: 'trainable', numChannels: of.d_model },
        numHeads: of.heads,
        qkChannels: of.qk,
        vChannels: of.d_model,
      },
      tasks: of.tasks.map(([name, numClasses]) => ({ name, numClasses })),
    })),
  );

export const glue = preset({
  name: 'glue',
  task: 'glue',
  title: 'The eight tasks of GLUE, one query for each',
  doc: 'A sentence or two, as bytes, to the answer of one of eight tasks of language understanding.',
  sources: ['arXiv:2107.14795, section 4.1, table 2, appendix F.3 and F.4'],
  notes: [
    'Nobody published its parameters. `renga finetune glue` begins with those of `language`.',
    'How two sentences become one text was not published: here a separator stands between them.',
    'The names of the heads are ours.',
  ],
  codec: glueConfig,
  published,
  small: {
    ...smallLanguage,
    tasks: [
      { name: 'cola', numClasses: 2 },
      { name: 'stsb', numClasses: 1 },
    ],
  },
  network: glueNetwork,
  inputs: ({ maxLength }: GlueConfig) =>
    [{ shape: [1, maxLength], dtype: 'int32' as const }, { shape: [1, maxLength] }] as const,
  names: { inputs: ['ids', 'mask'], output: '' },
  inputGrid: ({ maxLength }: GlueConfig) => ({ shape: [maxLength], start: 0 }),
  run: answerGlue,
  fromHaiku: fromSizes,
  about: async () => (await import('./about.js')).about,
});
