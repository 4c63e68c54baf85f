/** The moments at which a run of the command line saves. */
import t from 'tap';
import { savingOf } from '../../../cli/training/saving.js';
import { digitsRecipe } from '../../../presets/digits/recipe.js';
import { engine } from '../../../lib/engine/index.js';
import { train } from '../../../lib/train/index.js';
import { options } from '../../lib/train/run.js';

const minute = 60_000;
const numSteps = 11;

t.before(() => engine({ threads: 1 }));

/** The updates after which a run saved a checkpoint; each one takes some minutes, and it is ended after `last` of them. */
const savedAfter = async (
  out: string,
  { minutes, last = numSteps, saveEvery }: { minutes: number; last?: number; saveEvery?: string },
) => {
  const clock = { now: 0 };
  const ending = new AbortController();
  const { checkpoints, seen } = savingOf(
    { recipe: { ...digitsRecipe, numSteps: 1000 }, tuning: {} },
    out,
    {},
    { saveEvery },
    () => clock.now,
  );
  const saved: number[] = [];
  for await (const event of train(options({ numSteps, checkpoints, signal: ending.signal }))) {
    if (event.kind === 'step') {
      clock.now += minutes * minute;
      if (event.step === last) ending.abort();
    }
    seen(event);
    if (event.kind === 'saved' && event.name !== 'best.safetensors') saved.push(event.step);
  }
  return saved;
};

t.test('a run saves at its end, and before it where ten minutes have passed', async (t) => {
  const out = (name: string) => `${t.testdirName}/${name}`;
  t.testdir();
  t.same(await savedAfter(out('quick'), { minutes: 0.9 }), [11]);
  // Evaluations, every fourth update, save the best weights: these are none to go on from.
  t.same(await savedAfter(out('slow'), { minutes: 4 }), [3, 6, 9, 11]);
  t.same(await savedAfter(out('ended'), { minutes: 1, last: 5 }), [5]);
  t.same(await savedAfter(out('counted'), { minutes: 60, saveEvery: '8' }), [8, 11]);
});
