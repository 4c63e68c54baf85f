/** Every operation and every layer's gradient has a form in StableHLO. Their numbers are JAX's, `npm run conformance`. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { isTensor, type Params } from '../../../lib/data/leaf.js';
import { partsOf } from '../../../lib/data/nest.js';
import { engine } from '../../../lib/engine/index.js';
import { transformWithState } from '../../../lib/language/transform.js';
import { valueAndGrad } from '../../../lib/language/valueAndGrad.js';
import { type Key, key } from '../../../lib/random/index.js';
import { stablehloText, UnsupportedError } from '../../../lib/stablehlo/index.js';
import { descriptors } from '../../modules/descriptors.js';
import { cases, outputsOf } from '../engine/operations.js';
import { withoutForm } from './withoutForm.js';

t.test('operations have a form, but for those that no layer uses', async (t) => {
  const refused = cases.flatMap(({ name, inputs, run }) => {
    const specs = inputs.map(({ shape, dtype }) => ({ shape, dtype }));
    try {
      stablehloText((...xs: tf.Tensor[]) => outputsOf(run, xs), specs as never);
      return [];
    } catch (error) {
      const isKnown = error instanceof UnsupportedError || /complex64 cannot be traced/.test(`${error}`);
      t.ok(isKnown, `${name}: ${error}`);
      return [name];
    }
  });
  t.same(refused, withoutForm);
});

t.test('negative indices count from the end of their axis, as JAX has them', (t) => {
  const text = stablehloText((x: tf.Tensor, ids: tf.Tensor) => tf.gather(x, ids), [
    { shape: [5, 4] },
    { shape: [2], dtype: 'int32' },
  ] as never);
  t.match(text, /stablehlo\.compare LT, %input_1, /);
  t.match(text, /stablehlo\.select %\d+, %\d+, %input_1 : tensor<2xi1>/);
  t.end();
});

t.test('the gradient of every layer is a program, with its state and its random draws', async (t) => {
  await engine();
  for (const [name, { layer, inputs }] of Object.entries(descriptors())) {
    const model = transformWithState(layer);
    const { params, state } = model.init(key(1), ...inputs);
    const loss = (p: Params, drawn: Key, ...x: tf.Tensor[]) => {
      const { output, state: next } = model.apply(p, state, { key: drawn, isTraining: true }, ...x);
      const squares = partsOf(output, isTensor).map((part) => tf.mean(tf.square(part)));
      return { loss: tf.addN(squares), aux: next };
    };
    const args = [params, key(3), ...inputs] as const;
    const step = valueAndGrad(loss) as (...all: typeof args) => unknown;
    t.doesNotThrow(() => stablehloText(step, args as never), name);
  }
});
