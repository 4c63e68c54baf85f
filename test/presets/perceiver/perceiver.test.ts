/** The first Perceiver: its repeated cross-attentions and their weights; clouds of points. */
import t from 'tap';
import * as E from 'fp-ts/lib/Either.js';
import { engine, key } from '../../../lib/index.js';
import { showInputError } from '../../../lib/data/inputError.js';
import { perceiver, perceiverPoints } from '../../../presets/index.js';
import { pointInput } from '../../../presets/perceiver/run.js';

t.before(() => engine());

const layersOf = (encoder: object): string[] => {
  const { params } = perceiver({
    ...perceiver.small,
    encoder: { ...perceiver.small.encoder, ...encoder },
  }).outline;
  const names = Object.keys(params).map(
    (path) => /^perceiver_encoder\/~\/((cross|self)_attention\w*)\//.exec(path)?.[1],
  );
  return [...new Set(names)].filter((name) => name !== undefined).sort();
};

t.test('cross-attentions after the first share their weights, and blocks share theirs', async (t) => {
  t.same(layersOf({}), ['cross_attention', 'cross_attention_1', 'self_attention', 'self_attention_1']);
  t.same(layersOf({ numCrossAttends: 1 }), ['cross_attention', 'self_attention', 'self_attention_1']);
});

t.test('without sharing each has its own', async (t) => {
  const { length } = layersOf({ shareWeights: false, numCrossAttends: 2 });
  t.equal(length, 2 + 3 * 2);
});

t.test('more cross-attentions than blocks are refused', async (t) => {
  t.throws(
    () => layersOf({ numCrossAttends: 4 }),
    /encoder\.numCrossAttends: found 4, expected at most numBlocks, 3/,
  );
});

t.test('points are chosen evenly, moved around their middle and scaled', async (t) => {
  const cloud = [0, 1, 2, 3, 4, 5].map((i) => [10 + 2 * i, 5, 0] as const);
  t.same(pointInput(cloud, 3), E.right(new Float32Array([-1, 0, 0, 0, 0, 0, 1, 0, 0])));
  t.same(pointInput([[1, 1, 1]], 1), E.right(new Float32Array(3)), 'one point is the middle');
  t.match(pointInput(cloud, 7), { left: { found: '6', expected: 'at least 7' } });
  t.match(pointInput([[1, NaN, 0]], 1), { left: { where: 'point 0' } });
});

t.test('the order of the points does not matter', async (t) => {
  const model = perceiverPoints(perceiverPoints.small);
  const weights = model.init(key(1));
  const cloud = Array.from({ length: 10 }, (_, i) => [Math.sin(i), Math.cos(3 * i), i / 10] as const);
  const of = async (points: typeof cloud) => {
    const classes = await model.run(weights, points)();
    if (E.isLeft(classes)) throw new Error(showInputError(classes.left));
    return classes.right.map(({ index, probability }) => `${index} ${probability.toFixed(4)}`);
  };
  t.same(await of([...cloud].reverse()), await of(cloud));
});
