/** The copy task: its sequences, and a training that one seed decides. */
import t from 'tap';
import { engine, key } from '../../../../lib/index.js';
import { train } from '../../../../lib/train/index.js';
import { perceiverAr } from '../../../../presets/perceiverAr/preset.js';
import { perceiverArRecipe } from '../../../../presets/perceiverAr/recipe.js';
import { copyingData, copyTraining, heldOutCopies } from '../../../../presets/perceiverAr/recipe/copying.js';

const small = {
  embedChannels: 16,
  latentChannels: 16,
  numCrossAttendHeads: 2,
  numSelfAttendHeads: 2,
  crossAttendWideningFactor: 1,
  selfAttendWideningFactor: 1,
} as const;

t.before(() => engine());

t.test('a sequence is symbols and the same in reverse; crops end at random places', async (t) => {
  const { config } = perceiverAr();
  const whole = await heldOutCopies(config, { count: 5, batchSize: 5, seed: 1 }).at(0, key(0));
  for (let b = 0; b < 5; b++) {
    const events = [...whole.events.data].slice(b * 33, (b + 1) * 33);
    t.equal(events[0], 2, 'it starts');
    t.same(events.slice(17), events.slice(1, 17).reverse());
    t.ok(events.slice(1).every((event) => event >= 3 && event < 259));
  }
  const lengths = new Set<number>();
  for (let n = 0; n < 4; n++) {
    const { events, positions } = await copyingData(config, 16).at(n, key(7));
    for (let b = 0; b < 16; b++) {
      const row = [...events.data].slice(b * 33, (b + 1) * 33);
      const length = row.includes(0) ? row.indexOf(0) : 33;
      const places = [...positions.data].slice(b * 33, b * 33 + length) as number[];
      lengths.add(length + (row[0] === 2 ? 0 : 1));
      if (length < 17 || places.some((place, i) => place !== Math.min(places[0] + i, 32)))
        t.fail(`events ${row.join()}, places ${places.join()}`);
    }
  }
  t.ok(lengths.size > 10 && Math.min(...lengths) < 20 && Math.max(...lengths) === 34, [...lengths].join());
});

t.test('one seed is one run, and the first loss is that of guessing', async (t) => {
  const lossesOf = async (seed: number): Promise<number[]> => {
    const recipe = { ...perceiverArRecipe, batchSize: 8, numSteps: 2, warmupSteps: 0 };
    const parts = copyTraining({ model: perceiverAr(small), recipe, seed, heldOut: 4 });
    const losses: number[] = [];
    for await (const event of train({ ...parts, evaluate: { ...parts.evaluate, every: 2 } })) {
      if (event.kind === 'step') losses.push(event.metrics.eventLoss);
      if (event.kind === 'evaluated') losses.push(event.raw.accuracy, event.raw.solved, event.raw.loss);
    }
    return losses;
  };
  const [first, again, other] = [await lossesOf(3), await lossesOf(3), await lossesOf(4)];
  t.equal(first.length, 5);
  t.same(again, first);
  t.notSame(other, first);
  t.ok(Math.abs(first[0] - Math.log(259)) < 0.1, `untrained, the loss is log 259: ${first[0]}`);
});

t.test('a config that the task does not fit is refused', async (t) => {
  const train = (changes: Parameters<typeof perceiverAr>[0]) => () =>
    copyTraining({ model: perceiverAr(changes), recipe: perceiverArRecipe, seed: 0 });
  t.throws(
    train({ ...small, numLatents: 8 }),
    /^the copy task takes .* found contextLength 32, numLatents 8/,
  );
});
