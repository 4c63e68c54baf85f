/** Models for other engines. */
import { type Command, Option } from 'commander';
import { closeSizes } from '../../lib/graph/openSizes.js';
import type { Sizes } from '../../lib/graph/size.js';
import { exportOnnx, showOnnxFileError, writeOnnx } from '../../lib/onnx/index.js';
import { showInputError } from '../../presets/preset.js';
import { runOrFail } from '../failure.js';
import { loadModel, loadWeights, type ModelOptions, startEngine, wholeNumber } from '../load.js';
import { checkPlace } from '../media/file.js';
import { examples, modelOptions } from '../options.js';
import { print, showBytes } from '../print.js';

interface ExportOptions extends ModelOptions {
  readonly out: string;
  readonly weights: 'float32' | 'float16';
  readonly externalData?: boolean;
  readonly batch?: string;
  readonly json?: boolean;
}

const metadataOf = (name: string, config: unknown, { checkpoint, seed }: ModelOptions) => ({
  preset: name,
  config: JSON.stringify(config),
  ...(checkpoint === undefined ? {} : { checkpoint }),
  ...(seed === undefined ? {} : { seed }),
});

/** `renga export PRESET --checkpoint FILE --out model.onnx`: a model as serving engines run it. */
export const exportModel = (program: Command): void => {
  modelOptions(
    program
      .command('export')
      .argument('<preset>', 'its name: renga list has them')
      .description('write a model with its weights as ONNX, which serving engines in every language run')
      .requiredOption('--out <file>', 'the .onnx file to write'),
  )
    .addOption(
      new Option('--weights <type>', 'how weights are kept; computed is in float32')
        .choices(['float32', 'float16'])
        .default('float32'),
    )
    .option('--external-data', 'weights in a file of their own; they are anyway from 1.5 GB on')
    .option('--batch <n>', 'how many inputs at once; left to each run if not given')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('export words --out words.onnx'))
    .action(async (name: string, options: ExportOptions) => {
      const model = await loadModel(name, options);
      await runOrFail(showInputError, checkPlace(options.out));
      await startEngine();
      const sizes: Sizes =
        options.batch === undefined ? {} : { batch: wholeNumber('--batch', options.batch, 1) };
      const weights = await loadWeights(model, options);
      const exported = exportOnnx(model.network, weights, closeSizes(model.openInputs, sizes), {
        name,
        names: model.names,
        float16: options.weights === 'float16',
        metadata: metadataOf(name, model.config, options),
      });
      const written = await runOrFail(showOnnxFileError, writeOnnx(options.out, exported, options));
      print(
        options.json,
        { preset: name, ...written },
        () => `${written.paths.join(', ')}: ${name}, ${showBytes(written.bytes)}`,
      );
    });
};
