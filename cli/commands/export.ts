/** `renga export`: models as ONNX with their weights, or as programs of their weights for JAX and StableHLO's compilers. */
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { showCheckpointError } from '../../lib/checkpoint/index.js';
import { closeSizes } from '../../lib/graph/openSizes.js';
import type { Sizes } from '../../lib/graph/size.js';
import {
  exportOnnx,
  type OnnxModel,
  type Products,
  productTypes,
  type WeightType,
  weightTypes,
  writeOnnx,
  type WrittenOnnx,
} from '../../lib/onnx/index.js';
import { exportJax, layerFunction, stablehloText } from '../../lib/stablehlo/index.js';
import { showBytes } from '../../lib/data/quantities.js';
import type { Rounding } from '../../lib/data/rounding.js';
import type { AnyModel } from '../../presets/preset.js';
import { showInputError } from '../../lib/data/inputError.js';
import { openCheckpointFile } from '../checkpointFile.js';
import { runOrFail, UsageError } from '../failure.js';
import { interruptible } from '../interrupt.js';
import {
  loadModel,
  loadWeights,
  type ModelOptions,
  presetNamed,
  shippedCheckpoint,
  startEngine,
} from '../load.js';
import { checkPlace, writeBytes } from '../../lib/files/bytes.js';
import { examples, modelOptions, wholeNumber } from '../options.js';
import { expectEnding } from '../outputs.js';
import { outputPath } from '../paths.js';
import { print } from '../print.js';
import { writeTriton, type WrittenTriton } from '../tritonRepository.js';
import { withProgress } from '../progress.js';
import { checkWhole, expectRounded, showRounding, wholeOf, wholeOption } from '../weights/rounding.js';

interface ExportOptions extends ModelOptions {
  readonly out: string;
  readonly weights: WeightType;
  readonly products?: Products;
  readonly to: 'onnx' | 'jax' | 'stablehlo';
  readonly whole?: string;
  readonly externalData?: boolean;
  readonly triton?: boolean;
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

const write = (
  name: string,
  model: OnnxModel,
  { out, externalData, triton }: ExportOptions,
): Promise<WrittenOnnx | WrittenTriton> =>
  interruptible((signal) =>
    withProgress<WrittenOnnx | WrittenTriton>(`writing ${out}`, (onProgress) => {
      const options = { externalData, onProgress, signal };
      if (triton === true) return writeTriton(out, name, model, options);
      return runOrFail(showCheckpointError, writeOnnx(out, model, options));
    }),
  );

/** Says that Triton joins no requests of a model, and why. */
const showBatching = ({ unbatched }: WrittenTriton): readonly string[] =>
  unbatched.length === 0
    ? []
    : [
        `each request is computed by itself, max_batch_size is 0: Triton joins requests into batches only where ` +
          `every input and output begins with the batch, and these do not: ${unbatched.join(', ')}`,
      ];

/** The endings of files by their formats. */
const endings = { onnx: '.onnx', jax: '.jax', stablehlo: '.mlir' } as const;

/** Options of ONNX alone: the reason for which a program for JAX or StableHLO's compilers does not take each. */
const ofOnnx: Readonly<Record<string, { readonly reason: string; readonly usual?: string }>> = {
  seed: { reason: '--seed says which parameters a file holds, and a program holds none' },
  weights: {
    reason: '--weights says in which type a file holds parameters, and a program holds none',
    usual: 'float32',
  },
  whole: { reason: '--whole says which parameters a file holds whole, and a program holds none' },
  externalData: { reason: '--external-data says in which file parameters lie, and a program holds none' },
  products: {
    reason: '--products says how ONNX computes products, and a program computes them in float32',
    usual: 'float32',
  },
};

/** @throws UsageError for options of ONNX alone */
const expectOfPrograms = (options: ExportOptions): void => {
  for (const [name, { reason, usual }] of Object.entries(ofOnnx)) {
    const given = options[name as keyof ExportOptions];
    if (given !== undefined && given !== usual)
      throw new UsageError(`${reason}: leave it out of --to ${options.to}`);
  }
};

/** Writes a model as a program whose first argument is its parameters: those of `--checkpoint` have to fit. */
const writeProgram = async (model: AnyModel, options: ExportOptions, sizes: Sizes): Promise<WrittenOnnx> => {
  if (options.checkpoint !== undefined) await loadWeights(model, options, openCheckpointFile);
  const { network, names: own, card } = model;
  const { f, specs, names } = layerFunction(network, closeSizes(model.openInputs, sizes), { names: own });
  const bytes =
    options.to === 'jax'
      ? exportJax(f, specs, { name: card.name, names, withGradient: true })
      : new TextEncoder().encode(stablehloText(f, specs, { name: card.name, names }));
  await runOrFail(showInputError, writeBytes(options.out, bytes));
  return { files: [options.out], bytes: bytes.length };
};

/** Adds `renga export PRESET --checkpoint FILE --out model.onnx`. */
export const exportModel = (program: Command): void => {
  const command = modelOptions(
    program
      .command('export')
      .argument('<preset>', 'name of a preset, as renga list shows it')
      .description('write a model with its weights as ONNX, or without them as a program for JAX')
      .requiredOption('--out <file>', 'the file to write; - for the standard output; a folder with --triton'),
  )
    .addOption(
      new Option(
        '--to <format>',
        'onnx; jax: the file that jax.export.deserialize reads, with its gradient; stablehlo: text for compilers such as IREE',
      )
        .choices(['onnx', 'jax', 'stablehlo'])
        .default('onnx'),
    )
    .addOption(
      new Option('--weights <type>', 'store weights in this type; int8 and int4: the matrices of products')
        .choices(weightTypes)
        .default('float32'),
    );
  wholeOption(command)
    .addOption(
      new Option(
        '--products <type>',
        'compute products in this type; float16: for graphics processors; int8, for weights of int8 and int4: faster and less exact',
      )
        .choices(productTypes)
        .default('float32'),
    )
    .option('--external-data', 'write weights to a file of their own, as is always done from 1.5 GB on')
    .option(
      '--triton',
      'write a model repository for Triton into the folder --out: NAME/config.pbtxt NAME/1/model.onnx; with dynamic batching where all inputs and outputs have a batch',
    )
    .option('--batch <n>', 'fix the batch size; default: open, chosen at each run')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'export words --out words.onnx',
        'export words --to jax --out words.jax',
        'export words --triton --out models',
      ),
    )
    .action(async (name: string, given: ExportOptions) => {
      const options = { ...given, out: outputPath(given.out) };
      if (options.triton === true && (options.to !== 'onnx' || options.batch !== undefined))
        throw new UsageError('--triton is of ONNX with an open batch: leave out --to and --batch');
      if (options.to !== 'onnx') expectOfPrograms(options);
      const model: AnyModel = await loadModel(name, options);
      if (options.triton !== true) {
        expectEnding('--out', options.out, endings[options.to]);
        await runOrFail(showInputError, checkPlace(options.out));
      }
      const whole = wholeOf(options.whole);
      if (whole && !options.weights.startsWith('int'))
        throw new UsageError('--whole is for --weights int8 or int4: choose one of them');
      await startEngine();
      const sizes: Sizes =
        options.batch === undefined ? {} : { batch: wholeNumber('--batch', options.batch, 1) };
      const show = (written: WrittenOnnx | WrittenTriton, rounding?: Rounding): void =>
        print(options.json, { preset: name, ...written, rounding }, () =>
          [
            `${written.files.join(', ')}: ${name}, ${showBytes(written.bytes)}`,
            ...(rounding ? showRounding(options.weights, rounding) : []),
            ...('unbatched' in written ? showBatching(written) : []),
          ].join('\n'),
        );
      if (options.products === 'int8' && !['int8', 'int4'].includes(options.weights))
        throw new UsageError('--products int8 is for --weights int8 or int4: choose one of them');
      if (options.to !== 'onnx') return show(await writeProgram(model, options, sizes));
      const weights = await loadWeights(model, options, openCheckpointFile);
      checkWhole(whole, weights.params);
      const exported = exportOnnx(model.network, weights, closeSizes(model.openInputs, sizes), {
        name,
        names: model.names,
        weights: options.weights,
        products: options.products,
        whole,
        metadata: metadataOf(name, model, options),
      });
      if (exported.rounding) expectRounded(`--weights ${options.weights}`, exported.rounding);
      show(await write(name, exported, options), exported.rounding);
    });
};
