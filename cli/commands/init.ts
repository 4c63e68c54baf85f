/** `renga init`: untrained parameters by seed. */
import type { Command } from 'commander';
import { type SaveFormat, showCheckpointError, writeCheckpoint } from '../../lib/checkpoint/index.js';
import { key } from '../../lib/random/index.js';
import { count } from '../../lib/data/trees.js';
import { grouped } from '../../lib/data/quantities.js';
import { showInputError } from '../../lib/data/inputError.js';
import { runOrFail } from '../failure.js';
import { loadModel, type ModelOptions, presetNamed, startEngine } from '../load.js';
import { checkPlace } from '../../lib/files/bytes.js';
import { examples, wholeNumber } from '../options.js';
import { print } from '../print.js';
import { saveFormat } from '../saveFormat.js';

interface InitOptions extends ModelOptions {
  readonly seed: string;
  readonly out: string;
  readonly legacy?: boolean;
  readonly json?: boolean;
}

/** Adds `renga init PRESET --seed N --out FILE`. */
export const init = (program: Command): void => {
  program
    .command('init')
    .argument('<preset>', 'name of a preset, as renga list shows it')
    .description("write a preset's initial parameters, the same as Haiku's for the same seed")
    .requiredOption('--seed <n>', 'draw from the random key of this seed')
    .requiredOption('--out <file>', 'the file to write: .npz, .safetensors, .pickle, .pystate')
    .option('--legacy', "use JAX's random numbers before 0.5 (jax_threefry_partitionable off)")
    .option('--config <file>', 'change the published config by a file of JSON')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('init imagenet-fourier --seed 42 --out initial.npz'))
    .action(async (name: string, options: InitOptions) => {
      const seed = wholeNumber('--seed', options.seed);
      const model = await loadModel(name, options);
      await runOrFail(showInputError, checkPlace(options.out));
      const { format } = saveFormat(options.out, {});
      await startEngine();
      const mode = options.legacy ? 'legacy' : 'partitionable';
      const { params, state } = model.init(key(seed, mode));
      const config = JSON.stringify(presetNamed(name).codec.encode(model.config));
      const metadata = { preset: name, config, source: `seed ${seed}` };
      const how = (format === 'safetensors' ? { format, metadata } : { format }) as SaveFormat;
      await runOrFail(showCheckpointError, writeCheckpoint(options.out, { params, state }, how));
      const parameters = count(params);
      print(
        options.json,
        { out: options.out, preset: name, seed, mode, parameters },
        () => `${options.out}: ${grouped(parameters)} parameters of ${name}, seed ${seed}`,
      );
    });
};
