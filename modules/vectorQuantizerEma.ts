/**
 * Vector quantisation whose embeddings are moving averages of the vectors that choose them, kept in the state: no
 * gradient trains them.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, type OptionsFor, positive, probability, required, withDefault } from '../lib/data/config.js';
import { toTensor } from '../lib/data/leaf.js';
import { module } from '../lib/language/module.js';
import { stopGradient } from '../lib/language/valueAndGrad.js';
import { exponentialMovingAverage } from './exponentialMovingAverage.js';
import {
  embeddingsInit,
  meanSquare,
  nearest,
  perplexityOf,
  type Quantized,
  quantizerFields,
  straightThrough,
} from './vectorQuantizer.js';

const source = 'dm-haiku `hk.nets.VectorQuantizerEMA`';

export const vectorQuantizerEmaConfig = config(
  'vectorQuantizerEma',
  'The nearest of a table of vectors that follow the inputs.',
  {
    ...quantizerFields(source),
    decayRate: required(probability, {
      doc: 'Share of the old moving averages that remains at each training step, below 1.',
      source: `${source}, decay`,
    }),
    epsilon: withDefault(positive, 1e-5, {
      doc: 'Added to the number of choices of each embedding.',
      source,
    }),
  },
);
export type VectorQuantizerEmaOptions = OptionsFor<typeof vectorQuantizerEmaConfig> & {
  readonly name?: string;
};

/**
 * [..., embeddingDim] to the nearest embeddings and a loss. State: `embeddings` [embeddingDim, numEmbeddings], begun at
 * random, and the averages `~/ema_cluster_size` and `~/ema_dw`, renewed in training.
 * Keys: one, in init.
 * @throws ShapeError for inputs of another width
 * Source: dm-haiku `hk.nets.VectorQuantizerEMA`; arXiv:1711.00937, appendix A.1.
 */
export const vectorQuantizerEma = (given: VectorQuantizerEmaOptions) => {
  const { name = 'vector_quantizer_ema', ...options } = vectorQuantizerEmaConfig.given(given);
  const config = vectorQuantizerEmaConfig.make(options);
  const { embeddingDim, numEmbeddings, commitmentCost, decayRate, epsilon } = config;
  const shape = [embeddingDim, numEmbeddings];
  return module(
    name,
    (s) => {
      const sizeAverage = s.declare(exponentialMovingAverage({ decayRate, name: 'ema_cluster_size' }));
      const sumAverage = s.declare(exponentialMovingAverage({ decayRate, name: 'ema_dw' }));
      const renew = (flat: tf.Tensor, encodings: tf.Tensor): void => {
        sizeAverage.initialize([numEmbeddings]);
        const sizes = sizeAverage(tf.sum(encodings, 0)); // [K]
        sumAverage.initialize(shape);
        const sums = sumAverage(tf.matMul(flat, encodings, true)); // [C, K]
        const total = tf.sum(sizes);
        const smoothed = tf.mul(
          tf.div(tf.add(sizes, epsilon), tf.add(total, numEmbeddings * epsilon)),
          total,
        );
        s.setState('embeddings', tf.div(sums, smoothed));
      };
      return (x: tf.Tensor): Quantized => {
        const embeddings = s.state('embeddings', (key) => toTensor(embeddingsInit.sample(shape, key())));
        const { flat, chosen, distances, encodings, encodingIndices } = nearest(x, embeddings);
        if (s.isTraining) renew(flat, encodings);
        return {
          quantize: straightThrough(x, chosen),
          loss: tf.mul(commitmentCost, meanSquare(stopGradient(chosen), x)),
          perplexity: perplexityOf(encodings),
          encodings,
          encodingIndices,
          distances,
        };
      };
    },
    { kind: 'embedding', config },
  );
};
