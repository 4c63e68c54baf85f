/** Made pairs whose flow is right, and the parts of flow's training. */
import t from 'tap';
import type { HostArray } from '../../../../lib/data/array.js';
import { pictureOf } from '../../../../lib/media/picture.js';
import { engine } from '../../../../lib/engine/index.js';
import { key } from '../../../../lib/random/index.js';
import { train } from '../../../../lib/train/index.js';
import { flow } from '../../../../presets/flow/preset.js';
import { flowRecipe } from '../../../../presets/flow/recipe.js';
import { madePairs } from '../../../../presets/flow/recipe/pairs.js';
import { flowTraining } from '../../../../presets/flow/recipe/training.js';

const [height, width] = [24, 32];

/** A frame between its pixels. */
const sampled = ({ data }: HostArray, x: number, y: number, c: number): number => {
  const [column, row] = [Math.min(Math.floor(x), width - 2), Math.min(Math.floor(y), height - 2)];
  const [right, down] = [x - column, y - row];
  const at = (dx: number, dy: number) => Number(data[3 * ((row + dy) * width + column + dx) + c]);
  return (
    (1 - down) * ((1 - right) * at(0, 0) + right * at(1, 0)) +
    down * ((1 - right) * at(0, 1) + right * at(1, 1))
  );
};

t.test('where a pixel is visible, the second frame has its colour at the end of its flow', async (t) => {
  const pictures = [
    pictureOf(48, 40, (x, y) => [128 + 90 * Math.sin(x / 5), 128 + 90 * Math.cos(y / 6), 3 * x]),
  ];
  for (const options of [{}, { pictures }, { figures: [3, 5] as const }]) {
    const pairs = madePairs({ height, width, length: 4, key: key(1), ...options });
    for (let n = 0; n < pairs.length; n++) {
      const { first, second, flow: to, isVisible } = await pairs.at(n, key(0));
      let [matched, still, count, most] = [0, 0, 0, 0];
      for (let i = 0; i < height * width; i++) {
        if (isVisible.data[i] === 0) continue;
        const [x, y] = [i % width, Math.floor(i / width)];
        const [dx, dy] = [Number(to.data[2 * i]), Number(to.data[2 * i + 1])];
        most = Math.max(most, Math.hypot(dx, dy));
        count += 1;
        for (let c = 0; c < 3; c++) {
          const own = Number(first.data[3 * i + c]);
          matched += Math.abs(sampled(second, x + dx, y + dy, c) - own);
          still += Math.abs(Number(second.data[3 * i + c]) - own);
        }
      }
      t.ok(count > 0.5 * height * width && count < height * width, `${count} pixels are visible`);
      t.ok(most > 0.5 && most < 8, `pixels move by up to ${most}`);
      t.ok(matched < 0.35 * still, `${matched} against ${still} without motion`);
    }
  }
  const pairs = madePairs({ height, width, length: 4, key: key(1) });
  t.same(await pairs.at(2, key(0)), await pairs.at(2, key(7)), 'a pair is a function of its number');
});

t.test('an untrained model predicts no motion, and a step changes that', async (t) => {
  await engine({ threads: 1 });
  const pairs = (seed: number) => madePairs({ height: 8, width: 12, length: 4, key: key(seed), most: 2 });
  const recipe = { ...flowRecipe, batchSize: 2, numSteps: 2, peakRate: 0.02 };
  const parts = flowTraining({
    model: flow(flow.small),
    recipe,
    training: pairs(1),
    heldOut: pairs(2),
    seed: 0,
  });
  t.equal(parts.data.length, 4, 'four pairs forward and reversed, in batches of two');
  const events = [];
  for await (const event of train(parts)) events.push(event);
  const [, second] = events.filter((event) => event.kind === 'step');
  t.ok(Number.isFinite(second.kind === 'step' && second.metrics.loss));
  const evaluated = events.filter((event) => event.kind === 'evaluated');
  const figures = evaluated.map((event) => (event.kind === 'evaluated' ? event.raw : {}));
  t.ok(figures.every(({ withoutMotion }) => withoutMotion === figures[0].withoutMotion));
  t.ok(Math.abs(figures[0].endPointError - figures[0].withoutMotion) > 0, 'the step moved the prediction');
});

t.test('the pairs before the others are those of the first steps', async (t) => {
  await engine({ threads: 1 });
  const one = madePairs({ height: 8, width: 12, length: 4, key: key(1) });
  const several = madePairs({ height: 8, width: 12, length: 4, key: key(1), figures: [3, 3] });
  const recipe = { ...flowRecipe, batchSize: 2, numSteps: 5 };
  const training = { model: flow(flow.small), recipe, training: one, heldOut: one, seed: 0 };
  const { data } = flowTraining({ ...training, before: { training: several, share: 0.4 } });
  const [alone, crowded] = [one, several].map((pairs) => flowTraining({ ...training, training: pairs }).data);
  t.same(await data.at(1, key(0)), await crowded.at(1, key(0)), 'two of five steps');
  t.same(await data.at(2, key(0)), await alone.at(0, key(0)), 'the others begin with their first batch');
  t.strictNotSame(await crowded.at(0, key(0)), await alone.at(0, key(0)));
});
