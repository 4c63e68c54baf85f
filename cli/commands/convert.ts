/** `renga convert`: checkpoints from one format to another. */
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import {
  castLater,
  type Checkpoint,
  type FloatType,
  floatTypes,
  type SaveFormat,
  gptqConfig,
  runFormat,
  showCheckpointError,
  toGptq,
  writeCheckpoint,
  type Written,
} from '../../lib/checkpoint/index.js';
import { adopt } from '../../lib/language/adopt.js';
import { count } from '../../lib/data/trees.js';
import { counted, showBytes } from '../../lib/data/quantities.js';
import { few } from '../../lib/data/few.js';
import type { Rounding } from '../../lib/data/rounding.js';
import { toHuggingFace, type WrittenModel } from '../../presets/huggingFace/fromHuggingFace.js';
import { showInputError } from '../../lib/data/inputError.js';
import { expectMerged } from '../adapters.js';
import { openCheckpointFile, stepOption } from '../checkpointFile.js';
import { Failure, orFail, runOrFail, UsageError } from '../failure.js';
import { interruptible } from '../interrupt.js';
import { loadModel, presetNamed, showMisfit } from '../load.js';
import { locate } from '../locate.js';
import { checkPlace, writeBytes } from '../../lib/files/bytes.js';
import { dryRun, nameOptions, type NameOptions, showDryRun, underNames } from '../names.js';
import { examples } from '../options.js';
import { outputPath } from '../paths.js';
import { print } from '../print.js';
import { withProgress } from '../progress.js';
import { showTransfer, transferred, transferOptions, type TransferOptions } from '../transfer.js';
import { checkWhole, expectRounded, showRounding, wholeOf, wholeOption } from '../weights/rounding.js';
import { formats, parseSize, saveFormat, type SaveOptions } from '../saveFormat.js';

/** Bits of types that matrices alone are rounded to, in safetensors. */
const levelBits = { int8: 8, int4: 4 } as const;

interface ConvertOptions extends SaveOptions, NameOptions, TransferOptions {
  readonly preset?: string;
  readonly config?: string;
  readonly to?: NameOptions['to'];
  readonly hfConfig?: string;
  readonly dtype?: FloatType | keyof typeof levelBits;
  readonly whole?: string;
  readonly offline?: boolean;
  readonly step?: string;
  readonly json?: boolean;
}

/** Metadata by which transformers recognises files of PyTorch. */
const frameworkOf = (
  { metadata }: Checkpoint,
  to: ConvertOptions['to'],
): Readonly<Record<string, string>> => {
  const { format: framework, ...others } = metadata;
  if (framework === runFormat) {
    // The new file holds the model alone, and is no checkpoint of the run.
    const { run: _run, crc32: _checksum, ...ofModel } = others;
    return to === 'huggingface' ? { ...ofModel, format: 'pt' } : ofModel;
  }
  if (to === 'huggingface') return { ...others, format: 'pt' };
  return to === 'haiku' ? others : metadata;
};

/** Hugging Face's config of a preset's model, which `from_pretrained` reads beside the weights. */
const hubConfigOf = async ({ hfConfig, preset, config, to }: ConvertOptions): Promise<WrittenModel> => {
  if (to !== 'huggingface' || preset === undefined)
    throw new UsageError('--hf-config needs --to huggingface and --preset');
  const written = toHuggingFace(await loadModel(preset, { config }));
  if (!written) throw new Failure(`--hf-config ${hfConfig}: transformers has no class for ${preset}`);
  return written;
};

const showDiffers = ({ architecture, differs }: WrittenModel): readonly string[] =>
  differs.map(
    ({ path, found, expected }) =>
      `${architecture} computes with ${path} = ${expected}, this model with ${JSON.stringify(found)}`,
  );

/** The metadata in which files of GPTQ describe their matrices; none for other types. */
const roundingOf = (dtype: ConvertOptions['dtype']): Readonly<Record<string, string>> =>
  dtype === 'int8' || dtype === 'int4'
    ? { quantization_config: JSON.stringify(gptqConfig(levelBits[dtype])) }
    : {};

/** Metadata of the file: the preset, if it was given and fits, and the source of the parameters. */
const metadataOf = async (
  path: string,
  checkpoint: Checkpoint,
  { preset, config, to, dtype, reinitialiseMisshapen, interpolatePositions }: ConvertOptions,
): Promise<Readonly<Record<string, string>>> => {
  const about = { source: basename(path), ...frameworkOf(checkpoint, to), ...roundingOf(dtype) };
  if (preset === undefined) return about;
  // Leaves that were changed have the shapes of the published config, not of the one that the file describes.
  const isChanged = reinitialiseMisshapen || interpolatePositions;
  const model = await loadModel(preset, { config, ...(!isChanged && { checkpoint: path }) });
  const own = to === 'huggingface' ? underNames(path, checkpoint, { to: 'haiku' }) : checkpoint;
  orFail(showMisfit(path, model, own))(adopt(model)(own));
  const encoded = presetNamed(preset).codec.encode(model.config);
  return { ...about, preset, config: JSON.stringify(encoded) };
};

/** A checkpoint of another type; matrices in fewer bits with the report of them. */
interface Cast {
  readonly checkpoint: Checkpoint;
  readonly rounding?: Rounding;
}

const cast = (path: string, checkpoint: Checkpoint, { dtype, whole }: ConvertOptions): Cast => {
  if (dtype === undefined) return { checkpoint };
  if (dtype === 'int8' || dtype === 'int4') {
    expectMerged(path, checkpoint.params);
    const expression = wholeOf(whole);
    checkWhole(expression, checkpoint.params);
    const { tree, rounding } = toGptq(checkpoint.params, levelBits[dtype], expression);
    expectRounded(`--dtype ${dtype}`, rounding);
    return { checkpoint: { ...checkpoint, params: castLater(tree, 'float16') }, rounding };
  }
  const [params, state] = [castLater(checkpoint.params, dtype), castLater(checkpoint.state, dtype)];
  return { checkpoint: { ...checkpoint, params, state } };
};

const write = (path: string, checkpoint: Checkpoint, format: SaveFormat): Promise<Written> =>
  interruptible((signal) =>
    withProgress(`writing ${path}`, (onProgress) =>
      runOrFail(showCheckpointError, writeCheckpoint(path, checkpoint, format, { onProgress, signal })),
    ),
  );

const text = (checkpoint: Checkpoint, format: SaveFormat, { files, bytes, leftOut }: Written): string => {
  const parameters = counted(count(checkpoint.params), 'parameter');
  const where =
    files.length === 1 ? files[0] : `${counted(files.length, 'file')}, ${files.at(-1)} their index`;
  return [
    `${where}: ${format.format}, ${parameters}, ${showBytes(bytes)}`,
    ...(leftOut.length > 0
      ? [`left out, for which ${format.format} has no place: ${few(leftOut).join(', ')}`]
      : []),
  ].join('\n');
};

/** Adds `renga convert IN OUT`. */
export const convert = (program: Command): void => {
  const command = program
    .command('convert')
    .argument(
      '<in>',
      'a checkpoint of any format, the index of a sharded one, or a folder of Orbax; published:PRESET; hf:owner/name; - for the standard input',
    )
    .argument('<out>', 'the file to write: .pickle, .pystate, .npz, .safetensors; - for the standard output')
    .description('write a checkpoint in another format, array by array')
    .addOption(
      new Option('--format <name>', "write this format; default: that of the file's name").choices(formats),
    )
    .addOption(
      new Option(
        '--dtype <type>',
        "convert floats to this type; default: unchanged; int8, int4: matrices, in GPTQ's form, in safetensors",
      ).choices([...floatTypes, ...Object.keys(levelBits)]),
    )
    .option(
      '--shard-size <size>',
      'safetensors: split into files of at most this size, 2GB or 500MB',
      parseSize,
    )
    .option('--flat-mapping', "pickle: write Haiku's FlatMapping instead of dicts")
    .option(
      '--preset <name>',
      'safetensors: check that the parameters are of this preset, and note it in the file',
    )
    .option('--config <file>', "change the preset's published config by a file of JSON")
    .option('--hf-config <file>', "also write the config.json that transformers' from_pretrained reads");
  transferOptions(nameOptions(wholeOption(command)))
    .option(
      '--step <n>',
      "the step of a folder that Orbax's CheckpointManager wrote; the latest if not given",
    )
    .option('--offline', 'fetch nothing: use the files of the cache')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'convert language_perceiver_io_bytes.pickle language.safetensors --preset language',
        'convert model.safetensors model.pickle --dtype float32',
        'convert language_perceiver_io_bytes.pickle model.safetensors --to huggingface',
        'convert language.pickle model.safetensors --to huggingface --preset language --hf-config config.json',
        'convert imagenet-learned.pickle larger.npz --preset imagenet-learned --config larger.json --interpolate-positions',
        "convert mine.pickle renamed.npz --rename 'my_net/{rest...}=perceiver_encoder/{rest...}' --dry-run",
      ),
    )
    .action(async (reference: string, file: string, options: ConvertOptions) => {
      const out = outputPath(file);
      const format = saveFormat(out, options);
      const { dtype } = options;
      if (dtype !== undefined && dtype in levelBits && format.format !== 'safetensors')
        throw new UsageError(
          `--dtype ${dtype} is for safetensors, and ${out} is written as ${format.format}`,
        );
      if (options.whole !== undefined && !(dtype !== undefined && dtype in levelBits))
        throw new UsageError('--whole is for --dtype int8 or int4: choose one of them');
      wholeOf(options.whole);
      const hfConfig = options.hfConfig === undefined ? undefined : outputPath(options.hfConfig);
      const hub = hfConfig === undefined ? undefined : await hubConfigOf(options);
      for (const place of [out, hfConfig])
        if (place !== undefined) await runOrFail(showInputError, checkPlace(place));
      const path = await locate(reference, undefined, options.offline ? { isOffline: true } : {});
      const opened = await openCheckpointFile(path, stepOption(options.step));
      if (options.dryRun) {
        const run = dryRun(path, opened, options);
        return print(options.json, run, () => showDryRun(run));
      }
      const named = underNames(path, opened, options);
      const changed = await transferred(path, named, options);
      const { checkpoint } = changed ?? { checkpoint: named };
      const metadata =
        format.format === 'safetensors' ? await metadataOf(path, checkpoint, options) : undefined;
      const separator = options.to === 'huggingface' ? '.' : undefined;
      const how = { ...format, metadata, separator } as SaveFormat;
      const { checkpoint: changedType, rounding } = cast(path, checkpoint, options);
      const written = await write(out, changedType, how);
      if (hub && hfConfig !== undefined) {
        const json = new TextEncoder().encode(`${JSON.stringify(hub.config, null, 2)}\n`);
        await runOrFail(showInputError, writeBytes(hfConfig, json));
      }
      const parameters = count(checkpoint.params);
      const { notes } = checkpoint;
      const said = {
        in: path,
        from: checkpoint.format,
        to: format.format,
        parameters,
        ...written,
        metadata,
        rounding,
        notes,
      };
      const { initialised, interpolated } = changed?.report ?? {};
      print(options.json, { ...said, initialised, interpolated, hfConfig, differs: hub?.differs }, () =>
        [
          text(checkpoint, format, written),
          ...(rounding ? showRounding(`${dtype}`, rounding) : []),
          ...(changed ? showTransfer(changed.report) : []),
          ...notes,
          ...(hub ? [`${hfConfig}: for ${hub.architecture}`, ...showDiffers(hub)] : []),
        ].join('\n'),
      );
    });
};
