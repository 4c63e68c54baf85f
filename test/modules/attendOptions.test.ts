/** Masks, biases, order and shared heads of attention: as the formula has them, on every engine, with their gradients. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { gradients } from '../../lib/engine/derivatives/gradients.js';
import { engine } from '../../lib/engine/index.js';
import { valueAndGrad } from '../../lib/language/valueAndGrad.js';
import { attend, type AttendOptions, attentionWeights } from '../../modules/attend.js';
import { onEachEngine } from '../lib/engine/eachEngine.js';

const noise = (shape: number[], seed: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from(
      { length: tf.util.sizeFromShape(shape) },
      (_, i) => 1.5 * Math.sin(i * 12.9898 + seed * 78.233),
    ),
    shape,
  );

const someOf = (shape: number[], seed: number): tf.Tensor =>
  tf.cast(tf.greater(noise(shape, seed), -0.5), 'bool');

const largest = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

interface Sizes {
  readonly B: number;
  readonly T: number;
  readonly S: number;
  readonly H: number;
  readonly G: number;
}

const [D, E] = [5, 3];

/** A matrix [T, S] of what a function says of each query and key. */
const matrix = (T: number, S: number, of: (i: number, j: number) => number): tf.Tensor =>
  tf.tensor2d(
    Array.from({ length: T * S }, (_, at) => of(Math.floor(at / S), at % S)),
    [T, S],
  );

/** The weights as the formula has them, of whole arrays: [B, H, T, S]. */
const weightsByDefinition = (
  q: tf.Tensor,
  k: tf.Tensor,
  { mask, bias, relativeBias, causal, window, scale, withoutKeys }: AttendOptions,
): tf.Tensor => {
  const [, T, H] = q.shape as number[];
  const [, S, G] = k.shape as number[];
  const heads = tf.gather(
    k,
    Array.from({ length: H }, (_, h) => Math.floor((h * G) / H)),
    2,
  );
  let scores = tf.mul(tf.einsum('bthd,bshd->bhts', q, heads), scale ?? 1 / Math.sqrt(q.shape[3] as number));
  if (bias) scores = tf.add(scores, bias);
  if (relativeBias) {
    const places = tf.cast(
      matrix(T, S, (i, j) => j - i + T - 1),
      'int32',
    );
    scores = tf.add(scores, tf.reshape(tf.gather(relativeBias, tf.reshape(places, [-1]), 1), [-1, T, S]));
  }
  const ahead = S - T;
  const isSeen = (i: number, j: number) =>
    Number(!causal || (j <= i + ahead && j > i + ahead - (window ?? Infinity)));
  const order = tf.cast(matrix(T, S, isSeen), 'bool');
  const given = mask && tf.notEqual(mask.rank === 3 ? tf.expandDims(mask, 1) : mask, 0);
  const allowed = given ? tf.logicalAnd(given, order) : order;
  const weights = tf.softmax(tf.where(allowed, scores, -1e30));
  if (withoutKeys === 'mean') return weights;
  return tf.mul(weights, tf.cast(tf.any(allowed, -1, true), 'float32'));
};

const byDefinition = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, options: AttendOptions): tf.Tensor => {
  const [B, T, H] = q.shape as number[];
  const weights = weightsByDefinition(q, k, options);
  const heads = tf.gather(
    v,
    Array.from({ length: H }, (_, h) => Math.floor((h * (v.shape[2] as number)) / H)),
    2,
  );
  const kept = options.keep ? tf.mul(weights, options.keep) : weights;
  return tf.reshape(tf.einsum('bhts,bshe->bthe', kept, heads), [B, T, H * (v.shape[3] as number)]);
};

/** Every kind of option, for sizes of a call. */
const cases: Readonly<Record<string, (sizes: Sizes) => AttendOptions>> = {
  'nothing but heads': () => ({}),
  causal: () => ({ causal: true }),
  'causal with a window': () => ({ causal: true, window: 3 }),
  'a mask for all heads': ({ B, T, S }) => ({ mask: someOf([B, T, S], 1) }),
  'a mask for all queries': ({ S }) => ({ mask: someOf([1, 1, S], 2) }),
  'a mask by head': ({ B, H, S }) => ({ mask: someOf([B, H, 1, S], 3) }),
  'a causal mask besides': ({ T, S }) => ({ mask: someOf([1, 1, T, S], 4), causal: true }),
  'a causal mask besides, with the mean': ({ B, T, S }) => ({
    mask: someOf([B, T, S], 5),
    causal: true,
    window: 2,
    withoutKeys: 'mean',
  }),
  'a bias': ({ B, H, T, S }) => ({ bias: noise([B, H, T, S], 6) }),
  'a bias for all queries and examples, and a scale': ({ H, S }) => ({
    bias: noise([1, H, 1, S], 7),
    scale: 0.3,
  }),
  'a bias by distance': ({ H, T, S }) => ({ relativeBias: noise([H, T + S - 1], 8), causal: true }),
  'a bias by distance for all heads, and another': ({ B, T, S }) => ({
    relativeBias: noise([1, T + S - 1], 9),
    bias: noise([B, 1, T, S], 10),
  }),
  'dropped weights with the mean': ({ B, H, T, S }) => ({
    causal: true,
    mask: someOf([B, H, T, S], 11),
    keep: tf.mul(tf.cast(someOf([B, H, T, S], 12), 'float32'), 1.5),
    withoutKeys: 'mean',
  }),
};

const sizes: readonly Sizes[] = [
  { B: 2, T: 7, S: 7, H: 2, G: 2 },
  { B: 2, T: 5, S: 14, H: 4, G: 2 },
  { B: 1, T: 11, S: 6, H: 3, G: 1 },
  { B: 1, T: 150, S: 230, H: 2, G: 1 },
  { B: 2, T: 1, S: 9, H: 2, G: 2 },
];

const arraysOf = ({ B, T, S, H, G }: Sizes): [tf.Tensor, tf.Tensor, tf.Tensor] => [
  noise([B, T, H, D], 21),
  noise([B, S, G, D], 22),
  noise([B, S, G, E], 23),
];

await engine();

t.test('outputs are those of the formula, on every engine', async (t) => {
  await onEachEngine((name) => {
    for (const size of sizes)
      for (const [what, optionsOf] of Object.entries(cases))
        tf.tidy(() => {
          const options = optionsOf(size);
          const [q, k, v] = arraysOf(size);
          const off = largest(attend(q, k, v, options), byDefinition(q, k, v, options));
          if (off >= 5e-6) t.fail(`${what}, ${Object.values(size)}, ${name}: ${off}`);
        });
    t.pass(name);
  });
  await engine();
});

t.test('gradients are those of the formula, on every engine', async (t) => {
  await onEachEngine((engineName) => {
    for (const size of sizes)
      for (const [what, optionsOf] of Object.entries(cases))
        tf.tidy(() => {
          const { bias, relativeBias, ...options } = optionsOf(size);
          const inputs = [...arraysOf(size), ...[bias, relativeBias].flatMap((x) => x ?? [])];
          const cotangent = noise([size.B, size.T, size.H * E], 31);
          const lossOf =
            (run: typeof byDefinition) =>
            (xs: tf.Tensor[]): tf.Scalar => {
              const [q, k, v, ...biases] = xs;
              const given = {
                ...options,
                ...(bias && { bias: biases[0] }),
                ...(relativeBias && { relativeBias: biases[bias ? 1 : 0] }),
              };
              return tf.sum(tf.mul(run(q, k, v, given), cotangent));
            };
          const found = gradients(lossOf(attend), inputs).grads;
          const expected = gradients(lossOf(byDefinition), inputs).grads;
          found.forEach((grad, i) => {
            t.same(grad.shape, inputs[i].shape);
            const most = 1 + tf.max(tf.abs(expected[i])).dataSync()[0];
            const off = largest(grad, expected[i]) / most;
            if (off >= 1e-5) t.fail(`${what}, ${Object.values(size)}, gradient ${i}, ${engineName}: ${off}`);
          });
        });
    t.pass(engineName);
  });
  await engine();
});

t.test('heads of many keys are differentiated in chunks, and in rows of odd lengths', async (t) => {
  const [q, k, v] = [noise([1, 13, 1, 6], 1), noise([1, 1500, 1, 6], 2), noise([1, 1500, 1, 11], 3)];
  const lossOf = (run: typeof byDefinition) => (xs: tf.Tensor[]) =>
    tf.sum(
      tf.mul(run(xs[0], xs[1], xs[2], { causal: true, window: 1490 }), noise([1, 13, 11], 4)),
    ) as tf.Scalar;
  const [found, expected] = [attend, byDefinition].map((run) => gradients(lossOf(run), [q, k, v]).grads);
  found.forEach((grad, i) => t.ok(largest(grad, expected[i]) < 1e-5, `gradient ${i}`));
});

t.test('weights are those of the formula, all or some of them', async (t) => {
  const size = sizes[1];
  const [q, k] = arraysOf(size);
  for (const [what, optionsOf] of Object.entries(cases)) {
    const { keep: _keep, withoutKeys: _without, ...options } = optionsOf(size);
    const expected = weightsByDefinition(q, k, options);
    t.ok(largest(attentionWeights(q, k, options), expected) < 2e-6, what);
    const some = attentionWeights(q, k, options, [2, 3]);
    t.ok(largest(some, tf.slice(expected, [0, 0, 2, 0], [-1, -1, 3, -1])) < 2e-6, `${what}, some queries`);
  }
});

t.test('options that do not fit are named', async (t) => {
  const [q, k, v] = arraysOf(sizes[1]); // B 2, T 5, S 14, H 4, G 2
  const refuses = (options: AttendOptions, message: RegExp) =>
    t.throws(() => attend(q, k, v, options), message);
  refuses({ mask: tf.ones([2, 5, 13]) }, /mask has shape \[2, 5, 13\], expected .*\[2, 5, 14\]/);
  refuses({ mask: tf.ones([2, 3, 5, 14]) }, /mask has shape \[2, 3, 5, 14\], expected .*\[2, 4, 5, 14\]/);
  refuses({ bias: tf.ones([4, 5, 14]) }, /bias has shape \[4, 5, 14\]/);
  refuses({ relativeBias: tf.ones([4, 17]) }, /relativeBias has shape \[4, 17\], expected .*\[4, 18\]/);
  refuses({ window: 3 }, /window is 3 without causal/);
  t.throws(() => attend(noise([2, 5, 3, D], 1), k, v), /heads of q is 3, which heads of k \(2\)/);
});

t.test('the gradient of a mask of floats is zero, where queries have no key too', async (t) => {
  const [q, k, v] = arraysOf(sizes[0]); // B 2, T 7, S 7, H 2, G 2
  const masks = {
    mask: tf.cast(
      matrix(7, 7, (i, j) => Number(j < i)),
      'float32',
    ),
  };
  for (const withoutKeys of ['zeros', 'mean'] as const) {
    const loss = ({ mask }: typeof masks) =>
      tf.sum(tf.square(attend(q, k, v, { mask: tf.expandDims(mask, 0), withoutKeys })));
    const { grads } = valueAndGrad(loss)(masks);
    t.equal(largest(grads.mask, tf.zerosLike(masks.mask)), 0, withoutKeys);
  }
});
