/** The small flow model of the package, on held-out pairs: beside no motion at all, and beside block matching. */
import t from 'tap';
import { judgeMotion } from '../../../cli/demo/motion.js';
import { engine } from '../../../lib/engine/index.js';

t.test(
  'of all held-out pairs, the error is under that of block matching, and under a quarter of that of no motion',
  async (t) => {
    await engine({ threads: 1 });
    const { pairs, model, blockMatching, withoutMotion } = await judgeMotion();
    t.equal(pairs, 256);
    t.ok(model < withoutMotion / 4, `${model} pixels, ${withoutMotion} without motion`);
    t.ok(model < blockMatching, `${model} pixels, ${blockMatching} by block matching`);
  },
);
