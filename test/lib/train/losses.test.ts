import t, { type Test } from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine, gradients, tidy } from '../../../lib/engine/index.js';
import { key } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';

t.before(() => engine());

const numbers = (make: () => tf.Tensor): number[] => tidy(() => [...make().dataSync()]);

const near = (t: Test, found: readonly number[], expected: readonly number[]): void => {
  t.equal(found.length, expected.length);
  found.forEach((value, i) => t.ok(Math.abs(value - expected[i]) < 1e-5, `${value}, ${expected[i]}`));
};

t.test('a total is the sum of weighted losses and the sum of weights', async (t) => {
  const total = (losses: () => tf.Tensor, weights?: () => tf.Tensor): number[] =>
    tidy(() => {
      const { sum, weight } = train.weighted(losses(), weights?.());
      return [sum.dataSync()[0], weight.dataSync()[0]];
    });
  const losses = () => tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
  t.same(total(losses), [21, 6]);
  t.same(
    total(losses, () => tf.tensor1d([0, 2])),
    [30, 6],
  );
  t.same(
    total(losses, () => tf.tensor2d([1, 0, 0, 0, 0, 0.5], [2, 3])),
    [4, 1.5],
  );
  t.same(
    total(losses, () => tf.tensor1d([1, 0], 'bool')),
    [6, 3],
  );
  t.throws(
    () => total(losses, () => tf.tensor1d([1, 1, 1])),
    /weights \[3\] are not of the first axes of losses \[2, 3\]/,
  );
});

t.test('masked language loss counts what was masked alone', async (t) => {
  const found = tidy(() => {
    const logits = tf.tensor3d([0, 0, 0, 100, 0, 0], [1, 3, 2]);
    const { sum, weight } = train.maskedLanguageLoss(
      logits,
      tf.tensor2d([[0, 0, 1]], [1, 3], 'int32'),
      tf.tensor2d([[1, 0, 1]]),
    );
    return [sum.dataSync()[0], weight.dataSync()[0]];
  });
  near(t, found, [2 * Math.LN2, 2]);
});

/** Rows, and the optax 0.2.8 losses of them: NaN for 7. optax counts -1 from the end; here it is outside, too. */
t.test('labels outside of the classes have a loss that is NaN, alone or in a distribution', async (t) => {
  const logits = () => tf.tensor2d([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3], [4, 3]);
  const labels = () => tf.tensor1d([0, 7, 2, -1], 'int32');
  const made = [
    () => train.softmaxCrossEntropyWithIntegerLabels(logits(), labels()),
    () => train.softmaxCrossEntropy(logits(), train.oneHot(labels(), 3)),
    () => train.softmaxCrossEntropy(logits(), train.smoothLabels(train.oneHot(labels(), 3), 0.1)),
  ].map(numbers);
  for (const found of made) t.same(found.map(Number.isNaN), [false, true, false, true]);
  near(
    t,
    made.flatMap(([first, , third]) => [first, third]),
    [2.407606, 0.407606, 2.407606, 0.407606, 2.3076058, 0.507606],
  );
  const gradient = numbers(() => {
    const ofRows = ([x]: tf.Tensor[]) =>
      tf.sum(train.softmaxCrossEntropyWithIntegerLabels(x, tf.tensor1d([0, 1, 2, 0], 'int32')));
    return gradients(ofRows, [logits()]).grads[0];
  });
  near(t, gradient.slice(0, 3), [-0.9099694, 0.24472848, 0.66524094]);
  const masked = numbers(() => {
    const ids = tf.tensor2d([[-100, 1]], [1, 2], 'int32');
    return train.maskedLanguageLoss(tf.zeros([1, 2, 2]), ids, tf.tensor2d([[0, 1]])).sum;
  });
  near(t, masked, [Math.LN2]);
});

t.test('losses refuse shapes that would broadcast, and dtypes that they would have to cast', async (t) => {
  const floats = (...shape: number[]) => tf.zeros(shape);
  const ints = (...shape: number[]) => tf.zeros(shape, 'int32');
  const { l1Loss, l2Loss, huberLoss, softmaxCrossEntropy, sigmoidBinaryCrossEntropy } = train;
  for (const loss of [l1Loss, l2Loss, huberLoss, softmaxCrossEntropy, sigmoidBinaryCrossEntropy])
    t.throws(
      () => numbers(() => loss(floats(3, 1), floats(3))),
      /are \[3, 1\] and .* \[3\], expected the same/,
    );
  const refused: readonly (readonly [() => tf.Tensor, RegExp])[] = [
    [() => l2Loss(ints(3), floats(3)), /l2Loss: predictions are int32, expected float32/],
    [
      () => train.endPointError(floats(1, 2, 2), floats(1, 2, 1)),
      /flow are \[1, 2, 2\] and target \[1, 2, 1\]/,
    ],
    [() => train.endPointError(floats(1, 3), floats(1, 3)), /flows are \[1, 3\], expected \[..., 2\]/],
    [
      () => train.softmaxCrossEntropyWithIntegerLabels(floats(1, 3), ints(2)),
      /logits are \[1, 3\] and labels \[2\], expected one label for each/,
    ],
    [
      () => train.softmaxCrossEntropyWithIntegerLabels(floats(1, 3), floats(1)),
      /labels are float32, expected int32/,
    ],
    [() => train.oneHot(floats(1), 3), /oneHot: labels are float32, expected int32/],
    [
      () => train.maskedLanguageLoss(floats(1, 2, 3), ints(1, 2), floats(1)).sum,
      /targets are \[1, 2\] and isMasked \[1\]/,
    ],
    [() => train.weighted(floats(2), floats(2, 1)).sum, /weights \[2, 1\] are not of the first axes/],
    [() => train.smoothLabels(floats(2, 3), 2), /alpha is 2, expected a number from 0 to 1/],
    [() => huberLoss(floats(1), floats(1), 0), /delta is 0, expected a number above 0/],
  ];
  for (const [make, message] of refused) t.throws(() => numbers(make), message);
});

t.test('logits of any size give finite losses and gradients', async (t) => {
  const [loss, gradient] = tidy(() => {
    const logits = tf.tensor2d([1e4, -1e4, 0, -1e30, 0, 1e4], [2, 3]);
    const { value, grads } = gradients(
      ([x]) => tf.sum(train.softmaxCrossEntropyWithIntegerLabels(x, tf.tensor1d([0, 2], 'int32'))),
      [logits],
    );
    return [value.dataSync()[0], [...grads[0].dataSync()]] as const;
  });
  t.equal(loss, 0);
  t.ok(gradient.every(Number.isFinite));
  near(
    t,
    numbers(() => train.sigmoidBinaryCrossEntropy(tf.tensor1d([100, -100, 0]), tf.tensor1d([1, 1, 0.5]))),
    [0, 100, Math.LN2],
  );
});

t.test('the end-point error has a gradient of 0 where flows agree', async (t) => {
  const [values, gradient] = tidy(() => {
    const [flow, target] = [tf.tensor2d([3, 4, 1, 1], [2, 2]), tf.tensor2d([0, 0, 1, 1], [2, 2])];
    const { grads } = gradients(([x]) => tf.sum(train.endPointError(x, target)), [flow]);
    return [[...train.endPointError(flow, target).dataSync()], [...grads[0].dataSync()]];
  });
  t.same(values, [5, 0]);
  near(t, gradient, [0.6, 0.8, 0, 0]);
});

t.test('the L1 loss', async (t) => {
  t.same(
    numbers(() => train.l1Loss(tf.tensor1d([1, -2]), tf.tensor1d([0, 1]))),
    [1, 3],
  );
});

t.test("the autoencoder's loss is its published sum, example by example", async (t) => {
  const loss = (weights?: train.AutoencoderWeights): number[] =>
    numbers(() =>
      train.autoencoderLoss(
        {
          video: { output: tf.tensor3d([1, 3, 0, 0], [2, 2, 1]), target: tf.zeros([2, 2, 1]) },
          audio: { output: tf.tensor3d([0, 0.5, 1, 1], [2, 1, 2]), target: tf.zeros([2, 1, 2]) },
          label: { output: tf.zeros([2, 4]), target: tf.tensor1d([0, 3], 'int32') },
        },
        weights,
      ),
    );
  const entropy = Math.log(4);
  near(t, loss(), [0.03 * 2 + 0.25 + 0.0001 * entropy, 1 + 0.0001 * entropy]);
  near(t, loss(train.classificationWeights), [0.03 * 2 + 0.25 + entropy, 1 + entropy]);
});

t.test('sampled points are drawn without repetition, each kind from its own key', async (t) => {
  const sizes = { audio: 1920, video: 16 * 56 * 56 };
  const { audio, video } = train.samplePoints(key(3), sizes);
  for (const [points, size] of [
    [audio, sizes.audio],
    [video, sizes.video],
  ] as const) {
    t.same(points.shape, [512]);
    t.equal(new Set(points.data).size, 512);
    t.ok(points.data.every((point) => point >= 0 && point < size));
  }
  t.same(train.samplePoints(key(3), sizes), { audio, video });
  t.notSame(train.samplePoints(key(4), sizes).audio.data, audio.data);
  const same = train.samplePoints(key(3), { audio: 600, video: 600 });
  t.notSame(same.audio.data, same.video.data);
  t.throws(
    () => train.samplePoints(key(0), { audio: 100, video: 600 }),
    /512 points of audio asked for, 100 there are/,
  );
});
