/** `renga weights`: a model's weights in fewer bytes, beside the whole ones. */
import { cpus } from 'node:os';
import { type Command, Option } from 'commander';
import { counted, showBytes, showRatio, showSeconds, showShare } from '../../lib/data/quantities.js';
import { version } from '../../lib/data/version.js';
import type { AnyModel } from '../../presets/preset.js';
import { openCheckpointFile } from '../checkpointFile.js';
import { loadWeights, markOf, type ModelOptions, showMark, startEngine } from '../load.js';
import { examples, modelOptions, wholeNumber } from '../options.js';
import { presetNamed } from '../presetNamed.js';
import { print, table } from '../print.js';
import { withProgress } from '../progress.js';
import { withTemporaryFolder } from '../temporaryFolder.js';
import type { Agreement } from '../weights/agreement.js';
import { expectIdsOf, graphOf, writeForms } from '../weights/forms.js';
import { givenFor } from '../weights/inputs.js';
import { agreements, countedRows, type Measured, measure, type Pace } from '../weights/measure.js';
import { checkWhole, wholeOf, wholeOption } from '../weights/rounding.js';
import { weighed, type Weighed } from '../weights/subject.js';

interface WeightsOptions extends ModelOptions {
  readonly model?: string;
  readonly inputs?: string;
  readonly rows?: string;
  readonly whole?: string;
  readonly rounds: string;
  readonly threads: string;
  readonly runtime: Pace['runtime'];
  readonly python?: string;
  readonly json?: boolean;
}

/** A form's figures. The fastest run counts: other programs only add to it. */
interface Row extends Agreement {
  readonly weights: string;
  readonly bytes: number;
  readonly memoryBytes: number;
  readonly seconds: number;
  /** Matrices in fewer bits; undefined for forms whose matrices are all of one type. */
  readonly rounded?: number;
}

const rowOf = ({ name, bytes, memory, seconds, rounding }: Measured, agreement: Agreement): Row => ({
  weights: name,
  bytes,
  memoryBytes: memory,
  seconds: Math.min(...seconds),
  ...(rounding && { rounded: rounding.rounded.length }),
  ...agreement,
});

const show = (rows: readonly Row[]): string =>
  table(
    ['weights', 'bytes', 'of float32', 'memory', 'time', 'speed', 'largest difference', 'likeliest agree'],
    rows.map(({ weights, bytes, memoryBytes, seconds, difference, agreement }) => [
      weights,
      showBytes(bytes),
      showShare(bytes / rows[0].bytes),
      showBytes(memoryBytes),
      showSeconds(seconds),
      showRatio(rows[0].seconds / seconds),
      difference === 0 ? '0' : difference.toExponential(1),
      `${(100 * agreement).toFixed(2)} %`,
    ]),
  );

/** The numbers of matrices that the forms have in fewer bits. */
const showRounded = (forms: readonly Measured[]): string => {
  const counts = forms.flatMap(({ name, rounding }) =>
    rounding ? [`${rounding.rounded.length} (${name})`] : [],
  );
  const { rounded = [], whole = [] } = forms.find(({ rounding }) => rounding)?.rounding ?? {};
  return `in fewer bits: ${counts.join(', ')} of ${counted(rounded.length + whole.length, 'matrix', 'matrices')}`;
};

/** Tells whether the inputs of the published model fit: another config may have others. */
const takesPublishedInputs = (
  name: string | undefined,
  { openInputs }: Weighed,
  { config }: WeightsOptions,
): boolean =>
  name !== undefined &&
  config === undefined &&
  JSON.stringify(presetNamed(name)().openInputs) === JSON.stringify(openInputs);

const compare = async (name: string | undefined, options: WeightsOptions): Promise<void> => {
  const { rounds, threads, runtime, python } = options;
  const pace: Pace = {
    rounds: wholeNumber('--rounds', rounds, 1),
    threads: wholeNumber('--threads', threads, 1),
    runtime,
  };
  const whole = wholeOf(options.whole);
  const model = await weighed(name, options);
  await startEngine();
  const given = await givenFor(model, options.inputs, takesPublishedInputs(name, model, options));
  const comparedRows = countedRows(options.rows, given.arrays);
  const weights = await loadWeights(model as AnyModel, options, openCheckpointFile);
  checkWhole(whole, weights.params);
  await withTemporaryFolder('renga-weights', async (folder, signal) => {
    const sizes = name === undefined ? given.sizes : {};
    const measured = await withProgress(`comparing the weights of ${model.card.name}`, async () => {
      const graph = graphOf(model, sizes);
      expectIdsOf(graph, given);
      return measure(
        await writeForms(model.card.name, graph, weights, { folder, whole, python, signal }),
        given.inputs,
        pace,
        signal,
      );
    });
    const all = agreements(measured, comparedRows);
    const rows = measured.map((each, i) => rowOf(each, all[i]));
    const runner = `onnxruntime-${runtime} ${measured[0].version}`;
    const said = {
      model: model.card.name,
      runtime: runner,
      threads: pace.threads,
      renga: version,
      ...markOf(options),
    };
    print(options.json, { ...said, weights: rows }, () =>
      [
        `${model.card.name}${showMark(options)} by ${runner}, threads: ${pace.threads}, the fastest of ${pace.rounds} runs`,
        show(rows),
        showRounded(measured),
        `renga ${version}, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
      ].join('\n'),
    );
  });
};

/** Adds `renga weights PRESET`. */
export const weights = (program: Command): void => {
  const command = modelOptions(
    program
      .command('weights')
      .argument('[preset]', 'name of a preset, as renga list shows it')
      .description('compare weights in fewer bytes with the whole ones: bytes, speed and answers'),
  )
    .option('--model <file>', 'compare the weights of the model that a .ts or .js file exports')
    .option(
      '--inputs <file>',
      'an .npz with an array for each input; default: held-out data, the inputs of renga verify, or normal numbers',
    )
    .option('--rows <name>', 'compare the likeliest where this array of the inputs is not 0');
  wholeOption(command)
    .option('--rounds <n>', 'run each form this number of times; the fastest run counts', '5')
    .option('--threads <n>', 'compute with this number of threads', `${Math.min(2, cpus().length)}`)
    .addOption(
      new Option('--runtime <kind>', 'compute by the native onnxruntime, or by that of pages, in WebAssembly')
        .choices(['node', 'web'])
        .default('node'),
    )
    .option(
      '--python <path>',
      "compare with onnxruntime's own quantiser too, by this interpreter with onnxruntime and onnx",
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'weights words --rows mask',
        'weights language --checkpoint published --python python3',
        'weights --model forecaster.ts --checkpoint forecaster.safetensors --inputs readings.npz',
      ),
    )
    .action(compare);
};
