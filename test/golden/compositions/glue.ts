/**
 * GLUE with one query for each task: the language model's encoder, and a head of two layers for each of the tasks.
 * Nothing of this model was published but the paper's words.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Layer } from '../../../lib/language/scope.js';
import { basicDecoder } from '../../../modules/basicDecoder.js';
import { embed } from '../../../modules/embed.js';
import { encoder } from '../../../modules/encoder.js';
import { linear } from '../../../modules/linear.js';
import { asTheyAre, perceiver, unchanged } from '../../../modules/perceiver.js';
import { trainablePosition } from '../../../modules/trainablePosition.js';

export interface GlueSizes {
  readonly vocab_size: number;
  readonly d_model: number;
  /** Number of positions. */
  readonly seq: number;
  /** Latents, their width, layers, heads and the width of queries and keys. */
  readonly z: number;
  readonly ch: number;
  readonly layers: number;
  readonly heads: number;
  readonly qk: number;
  /** Names, with the number of classes; 1 for regression. */
  readonly tasks: readonly (readonly [name: string, numClasses: number])[];
}

const encoderOf = ({ z, ch, layers, heads, qk }: GlueSizes) =>
  encoder({
    numLatents: z,
    numLatentChannels: ch,
    numBlocks: 1,
    numSelfAttendsPerBlock: layers,
    numSelfAttendHeads: heads,
    numCrossAttendHeads: heads,
    qkChannels: qk,
    vChannels: ch,
  });

const decoderOf = ({ d_model: numChannels, tasks, heads, qk }: GlueSizes) =>
  basicDecoder({
    outputIndexDims: [tasks.length],
    outputChannels: numChannels,
    position: { kind: 'trainable', numChannels },
    numHeads: heads,
    qkChannels: qk,
    vChannels: numChannels,
    finalProject: false,
  });

/**
 * ids [B, T] int32 and mask [B, T] to the logits of each task, [B, classes] by name.
 * Source: arXiv:2107.14795, section 4.1 and appendix F.4.
 */
export const glue =
  (sizes: GlueSizes): Layer<[ids: tf.Tensor, mask: tf.Tensor], Readonly<Record<string, tf.Tensor>>> =>
  (s, ids, mask) => {
    const { vocab_size: vocabSize, d_model: numChannels, tasks } = sizes;
    const tokens = embed({ vocabSize, numChannels })(s, ids); // [B, T, C]
    const positions = trainablePosition(sizes.seq, { numChannels })(s, ids.shape[0]);
    const model = perceiver({
      preprocessor: asTheyAre,
      encoder: s.declare(encoderOf(sizes)),
      decoder: s.declare(decoderOf(sizes)),
      postprocessor: unchanged<tf.Tensor3D>,
    });
    const outputs = tf.unstack(model(s, tf.add(tokens, positions), { inputMask: mask }), 1); // [B, C] a task
    const logits = tasks.map(([name, numClasses], i) => {
      const hidden = tf.tanh(linear(numChannels, { name: `${name}_hidden` })(s, outputs[i]));
      return [name, linear(numClasses, { name: `${name}_logits` })(s, hidden)] as const;
    });
    return Object.fromEntries(logits);
  };
