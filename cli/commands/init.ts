import type { Command } from 'commander';
import { showCheckpointError, writeNpz } from '../../lib/checkpoint/index.js';
import { key } from '../../lib/random/index.js';
import { showInputError } from '../../presets/preset.js';
import { runOrFail } from '../failure.js';
import { loadModel, type ModelOptions, startEngine, wholeNumber } from '../load.js';
import { countElements } from '../outlines.js';
import { checkPlace } from '../media/file.js';
import { examples } from '../options.js';
import { grouped } from '../print.js';

/** `renga init PRESET --seed N --out FILE`: untrained parameters, those of Haiku for the same seed. */
export const init = (program: Command): void => {
  program
    .command('init')
    .argument('<preset>', 'its name: renga list has them')
    .description("write a preset's initial parameters, as JAX and Haiku initialise them from the same seed")
    .requiredOption('--seed <n>', 'seed of the random key')
    .requiredOption('--out <file>', 'the .npz file to write')
    .option('--legacy', "JAX's random numbers before 0.5 (jax_threefry_partitionable off)")
    .option('--config <file>', 'JSON with what differs from the published config')
    .addHelpText('after', examples('init imagenet-fourier --seed 42 --out initial.npz'))
    .action(async (name: string, options: ModelOptions & { seed: string; out: string; legacy?: boolean }) => {
      const seed = wholeNumber('--seed', options.seed);
      const model = await loadModel(name, options);
      await runOrFail(showInputError, checkPlace(options.out));
      await startEngine();
      const { params, state } = model.init(key(seed, options.legacy ? 'legacy' : 'partitionable'));
      await runOrFail(showCheckpointError, writeNpz(options.out, { params, state }));
      console.log(`${options.out}: ${grouped(countElements(params))} parameters of ${name}, seed ${seed}`);
    });
};
