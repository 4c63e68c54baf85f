/** The moving average of parameters in a step. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../../lib/data/array.js';
import type { Params } from '../../../lib/data/leaf.js';
import { engine } from '../../../lib/engine/index.js';
import { key } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';

t.before(() => engine());

t.test('a moving average moves with updates: not at batches that are gathered for one', async (t) => {
  const slope: train.Loss<object> = ({ params: { linear } }) => ({
    sum: tf.sum(linear.w),
    weight: tf.scalar(1),
  });
  const params = { linear: { w: float32([1], [0]) } } as unknown as Params;
  const gathered = train.chain(train.clip(10), train.multiSteps(train.sgd(0.1), 2));
  const byLabel = train.labelled({ all: gathered }, () => 'all');
  for (const transformation of [gathered, byLabel] as readonly train.Transformation[]) {
    const step = train.trainStep(slope, transformation, { ema: { decay: 0.5, start: 'copy' } });
    let state = step.init({ params }, key(0));
    const found: number[][] = [];
    for (let i = 0; i < 5; i++) {
      state = step(state, {}).state;
      const averaged = step.averaged(state).linear.w;
      found.push(
        [...(await train.weightsOf(state)).params.linear.w.data, ...(await averaged.data())].map(Number),
      );
      averaged.dispose();
    }
    train.freeTrainState(state);
    const expected = [
      [0, 0],
      [-0.1, -0.05],
      [-0.1, -0.05],
      [-0.2, -0.125],
      [-0.2, -0.125],
    ];
    found.flat().forEach((value, i) => t.ok(Math.abs(value - expected.flat()[i]) < 1e-6, `${value}`));
  }
});
