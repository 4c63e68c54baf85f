/** The panels of curves of runs. */
import t from 'tap';
import { plotRun } from '../../../lib/train/index.js';

t.test('rates of optimizers by label and metrics of a loss have their panels', async (t) => {
  const metrics = (i: number) => ({
    ...{ loss: 1 / i, weight: 4, gradientNorm: 1, isFinite: 1, accuracy: 0.5 },
    ...{ 'head/learningRate': 0.1, 'body/learningRate': 0.01 },
  });
  const log = [1, 2, 3].map((step) => `${JSON.stringify({ kind: 'step', step, metrics: metrics(step) })}\n`);
  const svg = plotRun(log.join('')) as string;
  t.same(
    [...svg.matchAll(/font-weight="bold">([^<]*)/g)].map(([, title]) => title),
    ['loss, logarithmic', 'accuracy', 'learning rate: head', 'learning rate: body'],
  );
});
