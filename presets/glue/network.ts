/**
 * GLUE: the language model's encoder, and for each task a head of two layers. The tasks differ in their queries, or in the
 * token before the text.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as t from 'io-ts';
import { config, type ConfigOf, count, oneOf, required, text, withDefault } from '../../lib/data/config.js';
import type { Layer } from '../../lib/language/scope.js';
import { basicDecoder } from '../../modules/basicDecoder.js';
import { embed } from '../../modules/embed.js';
import { encoder } from '../../modules/encoder.js';
import { linear } from '../../modules/linear.js';
import { perceiver } from '../../modules/perceiver.js';
import { trainablePosition } from '../../modules/trainablePosition.js';
import { languageConfig } from '../language/network.js';

const { vocabSize, maxLength, modelChannels, encoder: encoderField, decoder } = languageConfig.fields;

const taskConfig = config('glueTask', 'One task.', {
  name: required(text, { doc: 'Its name: cola, sst2, mrpc, stsb, qqp, mnli, qnli or rte.' }),
  numClasses: required(count, { doc: 'Number of classes; 1 for a task that asks for a number.' }),
});

export const glueConfig = config('glue', 'A model of the tasks of GLUE.', {
  vocabSize,
  maxLength,
  modelChannels,
  encoder: encoderField,
  decoder,
  tasks: required(t.readonlyArray(taskConfig, 'a list of tasks'), {
    doc: 'The tasks; one alone is a single-task model.',
  }),
  conditioning: withDefault(oneOf('queries', 'sharedToken', 'taskTokens'), 'queries', {
    doc: "queries: a trained query for each task. sharedToken: the class token before each text, and one query. taskTokens: a token of the task's own before each text, and one query.",
    source: 'arXiv:2107.14795, table 2',
  }),
});
export type GlueConfig = ConfigOf<typeof glueConfig>;

/** ids [B, T] int32 and mask [B, T], 1 = a token is there, to the logits of each task, [B, numClasses] by name. */
export type GlueNetwork = Layer<[ids: tf.Tensor, mask: tf.Tensor], Readonly<Record<string, tf.Tensor>>>;

/** Number of queries: one for each task, or one for all. */
const numQueries = ({ tasks, conditioning }: GlueConfig): number =>
  conditioning === 'queries' ? tasks.length : 1;

/** Number of token ids, those of the tasks last. */
const numIds = ({ vocabSize, tasks, conditioning }: GlueConfig): number =>
  conditioning === 'taskTokens' ? vocabSize + tasks.length : vocabSize;

/** Source: arXiv:2107.14795, section 4.1, table 2 and appendix F.4. */
export const glueNetwork =
  (config: GlueConfig): GlueNetwork =>
  (s, ids, mask) => {
    const { maxLength, modelChannels: numChannels, tasks, conditioning } = config;
    const tokens = embed({ vocabSize: numIds(config), numChannels })(s, ids); // [B, T, C]
    const positions = trainablePosition(maxLength, { numChannels })(s, ids.shape[0]);
    const model = perceiver({
      encoder: s.declare(encoder(config.encoder)),
      decoder: s.declare(
        basicDecoder({
          ...config.decoder,
          outputIndexDims: [numQueries(config)],
          outputChannels: numChannels,
        }),
      ),
    });
    const outputs = model(s, tf.add(tokens, positions), { inputMask: mask }); // [B, queries, C]
    const logits = tasks.map(({ name, numClasses }, i) => {
      const query = conditioning === 'queries' ? i : 0;
      const own = tf.squeeze(tf.slice(outputs, [0, query, 0], [-1, 1, -1]), [1]); // [B, C]
      const hidden = tf.tanh(linear(numChannels, { name: `${name}_hidden` })(s, own));
      return [name, linear(numClasses, { name: `${name}_logits` })(s, hidden)] as const;
    });
    return Object.fromEntries(logits);
  };
