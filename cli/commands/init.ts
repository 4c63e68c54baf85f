/** `renga init`: untrained parameters by seed. */
import { totalmem } from 'node:os';
import { type Command, Option } from 'commander';
import { type SaveFormat, showCheckpointError, writeCheckpoint } from '../../lib/checkpoint/index.js';
import { key } from '../../lib/random/index.js';
import { count } from '../../lib/data/trees.js';
import { grouped, showBytes } from '../../lib/data/quantities.js';
import { showInputError } from '../../lib/data/inputError.js';
import type { AnyModel } from '../../presets/preset.js';
import { Failure, runOrFail } from '../failure.js';
import { interruptible } from '../interrupt.js';
import { loadModel, type ModelOptions, presetNamed, startEngine } from '../load.js';
import { checkPlace } from '../../lib/files/bytes.js';
import { examples, wholeNumber } from '../options.js';
import { outputPath } from '../paths.js';
import { print } from '../print.js';
import { withProgress } from '../progress.js';
import { formats, saveFormat } from '../saveFormat.js';

interface InitOptions extends ModelOptions {
  readonly seed: string;
  readonly out: string;
  readonly format?: SaveFormat['format'];
  readonly legacy?: boolean;
  readonly json?: boolean;
}

/** Refuses parameters that this machine cannot hold, before minutes are spent on drawing them. */
const checkRoom = ({ outline }: AnyModel): void => {
  const [bytes, room] = [4 * count(outline.params), totalmem()];
  if (bytes > room)
    throw new Failure(
      `the config asks for ${grouped(bytes / 4)} parameters, ${showBytes(bytes)}; this machine has ${showBytes(room)}`,
    );
};

/** Adds `renga init PRESET --seed N --out FILE`. */
export const init = (program: Command): void => {
  program
    .command('init')
    .argument('<preset>', 'name of a preset, as renga list shows it')
    .description("write a preset's initial parameters, the same as Haiku's for the same seed")
    .requiredOption('--seed <n>', 'draw from the random key of this seed')
    .requiredOption(
      '--out <file>',
      'the file to write: .npz, .safetensors, .pickle, .pystate; - for the standard output',
    )
    .addOption(
      new Option('--format <name>', "write this format; default: that of the file's name").choices(formats),
    )
    .option('--legacy', "use JAX's random numbers before 0.5 (jax_threefry_partitionable off)")
    .option('--config <file>', 'change the published config by a file of JSON')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('init imagenet-fourier --seed 42 --out initial.npz'))
    .action(async (name: string, options: InitOptions) => {
      const seed = wholeNumber('--seed', options.seed);
      const model = await loadModel(name, options);
      const out = outputPath(options.out);
      await runOrFail(showInputError, checkPlace(out));
      const { format } = saveFormat(out, { format: options.format });
      checkRoom(model);
      await startEngine();
      const mode = options.legacy ? 'legacy' : 'partitionable';
      const { params, state } = await withProgress('drawing parameters', () => model.init(key(seed, mode)));
      const config = JSON.stringify(presetNamed(name).codec.encode(model.config));
      const metadata = { preset: name, config, source: `seed ${seed}` };
      const how = (format === 'safetensors' ? { format, metadata } : { format }) as SaveFormat;
      await interruptible((signal) =>
        withProgress(`writing ${out}`, (onProgress) =>
          runOrFail(
            showCheckpointError,
            writeCheckpoint(out, { params, state }, how, { signal, onProgress }),
          ),
        ),
      );
      const parameters = count(params);
      print(
        options.json,
        { out, preset: name, seed, mode, parameters },
        () => `${out}: ${grouped(parameters)} parameters of ${name}, seed ${seed}`,
      );
    });
};
