/** Untrained parameters by seed. */
import type { Command } from 'commander';
import { showCheckpointError, writeNpz } from '../../lib/checkpoint/index.js';
import { key } from '../../lib/random/index.js';
import { count } from '../../lib/trees.js';
import { showInputError } from '../../presets/preset.js';
import { runOrFail } from '../failure.js';
import { loadModel, type ModelOptions, startEngine, wholeNumber } from '../load.js';
import { checkPlace } from '../media/file.js';
import { examples } from '../options.js';
import { grouped, print } from '../print.js';

interface InitOptions extends ModelOptions {
  readonly seed: string;
  readonly out: string;
  readonly legacy?: boolean;
  readonly json?: boolean;
}

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
    .option('--json', 'print JSON')
    .addHelpText('after', examples('init imagenet-fourier --seed 42 --out initial.npz'))
    .action(async (name: string, options: InitOptions) => {
      const seed = wholeNumber('--seed', options.seed);
      const model = await loadModel(name, options);
      await runOrFail(showInputError, checkPlace(options.out));
      await startEngine();
      const mode = options.legacy ? 'legacy' : 'partitionable';
      const { params, state } = model.init(key(seed, mode));
      await runOrFail(showCheckpointError, writeNpz(options.out, { params, state }));
      const parameters = count(params);
      print(
        options.json,
        { out: options.out, preset: name, seed, mode, parameters },
        () => `${options.out}: ${grouped(parameters)} parameters of ${name}, seed ${seed}`,
      );
    });
};
