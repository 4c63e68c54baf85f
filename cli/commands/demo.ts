/** `renga demo`: the small trained models on held-out data. */
import type { Command } from 'commander';
import { count } from '../../lib/data/trees.js';
import { grouped } from '../../lib/data/quantities.js';
import { digits } from '../../presets/index.js';
import { showDigits } from '../demo/digits.js';
import { showMotion } from '../demo/motion.js';
import { showDigitTones } from '../demo/digitTones.js';
import { showWords } from '../demo/words.js';
import { startEngine } from '../load.js';
import { treeLines } from '../outlines.js';

const next = `Try next:
  npx renga fill-mask "a sm_ll plant with yellow fl_wers"    missing letters of your own
  npx renga list                                           every preset and its size
  npx renga describe language                              DeepMind's language model, leaf by leaf
  npx renga verify imagenet-conv                           the full-size model against what JAX computed
  npx renga --help                                         everything else`;

/** Adds `renga demo`. */
export const demo = (program: Command): void => {
  program
    .command('demo')
    .description(
      'run the trained models of the package on held-out digits, tones, texts and pairs of pictures',
    )
    .action(async () => {
      const { backend, simd } = await startEngine();
      console.log(`renga on ${backend}${simd ? ' with SIMD' : ''}, trained parameters of the package.\n`);
      console.log(`${await showDigits(6)}\n`);
      console.log(`${await showDigitTones(6)}\n`);
      console.log(`${await showWords(4)}\n`);
      console.log(`${await showMotion()}\n`);
      const { params } = digits().outline;
      console.log(
        `The digits' parameters, ${grouped(count(params))} of them, under the names that Haiku gave them:\n`,
      );
      console.log(`${treeLines(params)}\n`);
      console.log(next);
    });
};
