/** `renga export`: models as ONNX. */
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { showCheckpointError } from '../../lib/checkpoint/index.js';
import { closeSizes } from '../../lib/graph/openSizes.js';
import type { Sizes } from '../../lib/graph/size.js';
import { exportOnnx, type OnnxModel, writeOnnx, type WrittenOnnx } from '../../lib/onnx/index.js';
import { showBytes } from '../../lib/data/quantities.js';
import type { AnyModel } from '../../presets/preset.js';
import { showInputError } from '../../lib/data/inputError.js';
import { openCheckpointFile } from '../checkpointFile.js';
import { runOrFail } from '../failure.js';
import { interruptible } from '../interrupt.js';
import {
  loadModel,
  loadWeights,
  type ModelOptions,
  presetNamed,
  shippedCheckpoint,
  startEngine,
} from '../load.js';
import { checkPlace } from '../../lib/files/bytes.js';
import { examples, modelOptions, wholeNumber } from '../options.js';
import { outputPath } from '../paths.js';
import { print } from '../print.js';
import { withProgress } from '../progress.js';

interface ExportOptions extends ModelOptions {
  readonly out: string;
  readonly weights: 'float32' | 'float16';
  readonly externalData?: boolean;
  readonly batch?: string;
  readonly json?: boolean;
}

/** Metadata of the file: the model, and the source of its parameters. */
const metadataOf = (name: string, model: AnyModel, { checkpoint, seed }: ModelOptions) => {
  const location = checkpoint ?? shippedCheckpoint(model);
  return {
    preset: name,
    config: JSON.stringify(presetNamed(name).codec.encode(model.config)),
    source: seed === undefined && location !== undefined ? basename(location) : `seed ${seed}`,
  };
};

const write = (model: OnnxModel, { out, externalData }: ExportOptions): Promise<WrittenOnnx> =>
  interruptible((signal) =>
    withProgress(`writing ${out}`, (onProgress) =>
      runOrFail(showCheckpointError, writeOnnx(out, model, { externalData, onProgress, signal })),
    ),
  );

/** Adds `renga export PRESET --checkpoint FILE --out model.onnx`. */
export const exportModel = (program: Command): void => {
  modelOptions(
    program
      .command('export')
      .argument('<preset>', 'name of a preset, as renga list shows it')
      .description('write a model with its weights as ONNX')
      .requiredOption('--out <file>', 'the .onnx file to write; - for the standard output'),
  )
    .addOption(
      new Option('--weights <type>', 'store weights in this type; computation is in float32')
        .choices(['float32', 'float16'])
        .default('float32'),
    )
    .option('--external-data', 'write weights to a file of their own, as is always done from 1.5 GB on')
    .option('--batch <n>', 'fix the batch size; default: open, chosen at each run')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('export words --out words.onnx'))
    .action(async (name: string, given: ExportOptions) => {
      const options = { ...given, out: outputPath(given.out) };
      const model: AnyModel = await loadModel(name, options);
      await runOrFail(showInputError, checkPlace(options.out));
      await startEngine();
      const sizes: Sizes =
        options.batch === undefined ? {} : { batch: wholeNumber('--batch', options.batch, 1) };
      const weights = await loadWeights(model, options, openCheckpointFile);
      const exported = exportOnnx(model.network, weights, closeSizes(model.openInputs, sizes), {
        name,
        names: model.names,
        float16: options.weights === 'float16',
        metadata: metadataOf(name, model, options),
      });
      const written = await write(exported, options);
      print(
        options.json,
        { preset: name, ...written },
        () => `${written.files.join(', ')}: ${name}, ${showBytes(written.bytes)}`,
      );
    });
};
