/**
 * The command `npm run bench:weights`: a model's weights in fewer bytes beside the whole ones. Every form is exported to a
 * file and run by onnxruntime-node on the same inputs, in turn; the first output is compared.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import * as ort from 'onnxruntime-node';
import { startEngine, loadModel, loadWeights } from '../../cli/load.js';
import { openCheckpointFile } from '../../cli/checkpointFile.js';
import { runOrFail } from '../../cli/failure.js';
import { table } from '../../cli/print.js';
import { wholeNumber } from '../../cli/options.js';
import { showFileError } from '../../lib/files/error.js';
import { array, type HostArray } from '../../lib/data/array.js';
import { showBytes, showShare } from '../../lib/data/quantities.js';
import { exportOnnx, type OnnxOptions, writeOnnx } from '../../lib/onnx/index.js';
import type { AnyModel } from '../../presets/preset.js';
import { run } from '../../test/conformance/process.js';
import { machine, versions } from '../machine.js';
import { scriptPath } from '../python.js';
import { showMachine, showRatio, showSeconds } from '../show.js';
import { agreementOf } from './agreement.js';
import { givenFor } from './inputs.js';

interface Flags {
  readonly checkpoint?: string;
  readonly config?: string;
  readonly seed?: string;
  readonly inputs?: string;
  readonly rows?: string;
  readonly whole?: string;
  readonly rounds: string;
  readonly threads: string;
  readonly python?: string;
}

const forms: Readonly<Record<string, Pick<OnnxOptions, 'weights' | 'products'>>> = {
  float32: {},
  float16: { weights: 'float16' },
  int8: { weights: 'int8' },
  'int8, products of int8': { weights: 'int8', products: 'int8' },
  int4: { weights: 'int4' },
};

const quantiser = 'onnxruntime’s quantiser';

const bytesIn = (folder: string): number =>
  readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);

interface Form {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** Writes every form of a model, each to a folder of its own. */
const writeForms = async (name: string, model: AnyModel, flags: Flags, folder: string): Promise<Form[]> => {
  const weights = await loadWeights(model, flags, openCheckpointFile);
  const written: Form[] = [];
  const folderOf = () => mkdtempSync(join(folder, 'form-'));
  for (const [form, options] of Object.entries(forms)) {
    const place = folderOf();
    const path = join(place, 'model.onnx');
    const whole = flags.whole === undefined ? {} : { whole: new RegExp(flags.whole) };
    const exported = exportOnnx(model.network, weights, model.openInputs, { name, ...options, ...whole });
    await runOrFail(showFileError, writeOnnx(path, exported));
    written.push({ name: form, path, bytes: bytesIn(place) });
  }
  if (flags.python !== undefined) {
    const place = folderOf();
    const path = join(place, 'model.onnx');
    await run(flags.python, [scriptPath('quantise.py'), written[0].path, path]);
    written.push({ name: quantiser, path, bytes: bytesIn(place) });
  }
  return written;
};

interface Measured extends Form {
  readonly output: HostArray;
  readonly seconds: number[];
}

/** Runs all forms in turn; each has a session for the whole time. The fastest round counts: other programs only add to it. */
const measure = async (
  written: readonly Form[],
  inputs: readonly HostArray[],
  { rounds, threads }: { readonly rounds: number; readonly threads: number },
): Promise<Measured[]> => {
  const options = { intraOpNumThreads: threads, logSeverityLevel: 3 as const };
  const started = [];
  for (const form of written) {
    const session = await ort.InferenceSession.create(form.path, options);
    const feeds = Object.fromEntries(
      session.inputNames.map((name, i) => {
        const { dtype, data, shape } = inputs[i];
        return [name, new ort.Tensor(dtype as 'float32', data as Float32Array, shape)];
      }),
    );
    const once = async (): Promise<HostArray> => {
      const { dims, data } = (await session.run(feeds))[session.outputNames[0]];
      return array(dims, 'float32', data as Float32Array);
    };
    started.push({ ...form, once, output: await once(), seconds: [] as number[] });
  }
  for (let round = 0; round < rounds; round++)
    for (const { once, seconds } of started) {
      const start = performance.now();
      await once();
      seconds.push((performance.now() - start) / 1000);
    }
  return started;
};

const show = (measured: readonly Measured[], isCounted: ((row: number) => boolean) | undefined): string => {
  const [whole] = measured;
  const time = Math.min(...whole.seconds);
  return table(
    ['weights', 'bytes', 'of float32', 'time', 'speed', 'largest difference', 'likeliest agree'],
    measured.map(({ name, bytes, seconds, output }) => {
      const fastest = Math.min(...seconds);
      const { difference, agreement } = agreementOf(output, whole.output, isCounted);
      return [
        name,
        showBytes(bytes),
        showShare(bytes / whole.bytes),
        showSeconds(fastest),
        showRatio(time / fastest),
        difference.toExponential(1),
        `${(100 * agreement).toFixed(2)} %`,
      ];
    }),
  );
};

const report = async (name: string, flags: Flags): Promise<void> => {
  const model: AnyModel = await loadModel(name, flags);
  const { inputs, arrays } = await givenFor(name, model, flags.inputs);
  const counted = flags.rows === undefined ? undefined : arrays[flags.rows];
  if (flags.rows !== undefined && !counted) throw new Error(`--rows: there is no array '${flags.rows}'`);
  const folder = mkdtempSync(join(tmpdir(), 'renga-weights-'));
  try {
    const written = await writeForms(name, model, flags, folder);
    const pace = {
      rounds: wholeNumber('--rounds', flags.rounds, 1),
      threads: wholeNumber('--threads', flags.threads, 1),
    };
    const measured = await measure(written, inputs, pace);
    const isCounted = counted && ((row: number) => Number(counted.data[row]) !== 0);
    console.log(`\n${name}, threads: ${pace.threads}\n${show(measured, isCounted)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

await new Command('bench:weights')
  .description('a preset’s weights in fewer bytes: bytes, time and answers beside those of float32')
  .argument('<preset>', 'name of a preset, as renga list shows it')
  .option('--checkpoint <file>', 'its weights; default: those in the package')
  .option('--config <file>', "change the preset's published config by a file of JSON")
  .option('--seed <n>', 'untrained parameters by this seed')
  .option(
    '--inputs <file>',
    'an .npz with an array for each input; default: held-out data, or numbers by name',
  )
  .option('--rows <name>', 'compare the likeliest where this array of the inputs is not 0')
  .option('--whole <regex>', 'parameters that stay whole; default: cross-attentions')
  .option('--rounds <n>', 'number of runs of each, the fastest of which counts', '5')
  .option('--threads <n>', 'threads of each', `${Math.min(2, cpus().length)}`)
  .option('--python <path>', 'an interpreter with onnxruntime and onnx, for its own quantiser')
  .action(async (name: string, flags: Flags) => {
    try {
      await startEngine();
      await report(name, flags);
      const { node, renga } = versions();
      console.log(
        `\n${showMachine(machine(), { renga, node, 'onnxruntime-node': ort.env.versions.node ?? '' })}`,
      );
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }
  })
  .parseAsync();
