/** Vector quantisers: with a trained table, and with one that follows the inputs. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../lib/data/array.js';
import type { Params, State } from '../../lib/data/leaf.js';
import { engine } from '../../lib/engine/index.js';
import { outline } from '../../lib/language/outline.js';
import { key } from '../../lib/random/index.js';
import { transform, transformWithState } from '../../lib/language/transform.js';
import { valueAndGrad } from '../../lib/language/valueAndGrad.js';
import { vectorQuantizer } from '../../modules/vectorQuantizer.js';
import { vectorQuantizerEma } from '../../modules/vectorQuantizerEma.js';

await engine();

const options = { embeddingDim: 1, numEmbeddings: 3, commitmentCost: 0.25 };
const params = { vector_quantizer: { embeddings: float32([1, 3], [0, 10, 20]) } } as unknown as Params;
const x = tf.tensor3d([1, 9, 11, 12], [1, 4, 1]);
const model = transform(vectorQuantizer(options));

t.test('each vector becomes the nearest embedding', async (t) => {
  const { quantize, encodingIndices, encodings, perplexity } = model.apply(params, {}, x);
  t.same([...quantize.dataSync()], [0, 10, 10, 10]);
  t.same(
    [encodingIndices.shape, [...encodingIndices.dataSync()]],
    [
      [1, 4],
      [0, 1, 1, 1],
    ],
  );
  t.same(encodings.shape, [4, 3]);
  const entropy = -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75));
  t.ok(Math.abs(perplexity.dataSync()[0] - Math.exp(entropy)) < 1e-5);
});

t.test('the gradient of the output goes straight to the inputs; the loss draws both together', async (t) => {
  const through = valueAndGrad((input: tf.Tensor) => tf.sum(model.apply(params, {}, input).quantize));
  t.same([...through(x).grads.dataSync()], [1, 1, 1, 1]);
  const { loss } = model.apply(params, {}, x);
  t.ok(Math.abs(loss.dataSync()[0] - (1.25 * (1 + 1 + 1 + 4)) / 4) < 1e-5);
  const grads = valueAndGrad((p: Params) => model.apply(p, {}, x).loss)(params).grads;
  t.same([...grads.vector_quantizer.embeddings.dataSync()], [-0.5, -1, 0]);
});

t.test('an average follows the vectors that choose it, in training alone', async (t) => {
  const ema = transformWithState(vectorQuantizerEma({ ...options, decayRate: 0.5, epsilon: 1e-12 }));
  const made = ema.init(key(1), x);
  t.same(made.params, {});
  const state = {
    ...made.state,
    vector_quantizer_ema: { embeddings: float32([1, 3], [0, 10, 20]) },
  } as unknown as State;
  const trained = ema.apply(made.params, state, { isTraining: true }, x).state;
  const [first, second] = (trained.vector_quantizer_ema.embeddings as tf.Tensor).dataSync();
  t.ok(Math.abs(first - 1) < 1e-4 && Math.abs(second - 32 / 3) < 1e-4, `${first}, ${second}`);
  const evaluated = ema.apply(made.params, state, {}, x).state;
  t.same(evaluated.vector_quantizer_ema.embeddings, state.vector_quantizer_ema.embeddings);
});

t.test('vectors of another width are refused', async (t) => {
  t.throws(() => outline(vectorQuantizer(options), [{ shape: [2, 3] }]), {
    message: 'vector_quantizer: x has shape [2, 3], expected [..., 1]',
  });
  t.throws(() => vectorQuantizerEma({ ...options, decayRate: 2 }), { name: 'ConfigError' });
});
