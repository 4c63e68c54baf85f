/**
 * Vector quantisation: each vector becomes the nearest of a table of trained ones, with a gradient that passes straight
 * through.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, finite, type OptionsFor, required } from '../lib/data/config.js';
import { ShapeError, showShape } from '../lib/data/shape.js';
import { varianceScaling } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { stopGradient } from '../lib/language/valueAndGrad.js';

/** The vectors chosen for [..., C]. N: the number of vectors in all, K: embeddings. */
export interface Quantized {
  /** The chosen embeddings [..., C]; its gradient goes to the inputs as it is. */
  readonly quantize: tf.Tensor;
  /** A scalar to be added to a model's loss. */
  readonly loss: tf.Tensor;
  /** exp of the entropy of the choices: the number of embeddings that are in use, a scalar. */
  readonly perplexity: tf.Tensor;
  /** The choices, one-hot: [N, K]. */
  readonly encodings: tf.Tensor;
  /** The choices, by number: [...] int32. */
  readonly encodingIndices: tf.Tensor;
  /** Squared distances [N, K]. */
  readonly distances: tf.Tensor;
}

/** Config fields of quantisers. */
export const quantizerFields = (source: string) => ({
  embeddingDim: required(count, { doc: 'Width of the vectors.', source: `${source}, embedding_dim` }),
  numEmbeddings: required(count, { doc: 'Number of embeddings.', source: `${source}, num_embeddings` }),
  commitmentCost: required(finite, {
    doc: 'Weight of the loss that draws inputs to their embeddings, β in the paper.',
    source: `${source}, commitment_cost; arXiv:1711.00937, equation 3`,
  }),
});

/** The initializer of embeddings. */
export const embeddingsInit = varianceScaling({ distribution: 'uniform' });

/**
 * The nearest embedding of each vector.
 * @param x           [..., C]
 * @param embeddings  [C, K]
 * @throws ShapeError when x is of another width than the embeddings
 */
export const nearest = (x: tf.Tensor, embeddings: tf.Tensor) => {
  const [C, K] = embeddings.shape as [number, number];
  if (x.shape[x.rank - 1] !== C)
    throw new ShapeError(`x has shape ${showShape(x.shape)}, expected ${showShape(['...', C])}`);
  const flat = tf.reshape(x, [-1, C]); // [N, C]
  const lengths = tf.add(tf.sum(tf.square(flat), 1, true), tf.sum(tf.square(embeddings), 0, true));
  const distances = tf.sub(lengths, tf.mul(2, tf.matMul(flat, embeddings))); // [N, K]
  const choices = tf.argMin(distances, 1); // [N]
  const encodings = tf.cast(tf.oneHot(choices as tf.Tensor1D, K), 'float32');
  const chosen = tf.reshape(tf.gather(tf.transpose(embeddings), choices), x.shape);
  return { flat, distances, encodings, chosen, encodingIndices: tf.reshape(choices, x.shape.slice(0, -1)) };
};

/** exp(−Σ p · log p) of the embeddings' shares of the choices. */
export const perplexityOf = (encodings: tf.Tensor): tf.Tensor => {
  const shares = tf.mean(encodings, 0);
  return tf.exp(tf.neg(tf.sum(tf.mul(shares, tf.log(tf.add(shares, 1e-10))))));
};

/** The mean squared distance between two arrays. */
export const meanSquare = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.mean(tf.square(tf.sub(a, b)));

/** A value whose gradient goes to the inputs as it is. */
export const straightThrough = (x: tf.Tensor, value: tf.Tensor): tf.Tensor =>
  tf.add(x, stopGradient(tf.sub(value, x)));

const source = 'dm-haiku `hk.nets.VectorQuantizer`';

export const vectorQuantizerConfig = config(
  'vectorQuantizer',
  'The nearest of a table of trained vectors.',
  quantizerFields(source),
);
export type VectorQuantizerOptions = OptionsFor<typeof vectorQuantizerConfig> & { readonly name?: string };

/**
 * [..., embeddingDim] to the nearest embeddings and a loss. Leaf `embeddings` [embeddingDim, numEmbeddings].
 * @throws ShapeError for inputs of another width
 * Source: dm-haiku `hk.nets.VectorQuantizer`; arXiv:1711.00937.
 */
export const vectorQuantizer = (given: VectorQuantizerOptions) => {
  const { name = 'vector_quantizer', ...options } = vectorQuantizerConfig.given(given);
  const config = vectorQuantizerConfig.make(options);
  return module(
    name,
    (s) =>
      (x: tf.Tensor): Quantized => {
        const shape = [config.embeddingDim, config.numEmbeddings];
        const { chosen, distances, encodings, encodingIndices } = nearest(
          x,
          s.param('embeddings', shape, embeddingsInit),
        );
        const towardsEmbeddings = meanSquare(stopGradient(chosen), x);
        const towardsInputs = meanSquare(chosen, stopGradient(x));
        return {
          quantize: straightThrough(x, chosen),
          loss: tf.add(towardsInputs, tf.mul(config.commitmentCost, towardsEmbeddings)),
          perplexity: perplexityOf(encodings),
          encodings,
          encodingIndices,
          distances,
        };
      },
    { kind: 'embedding', config },
  );
};
