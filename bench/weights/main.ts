/**
 * The command `npm run bench:weights`: a model's weights in fewer bytes beside the whole ones. Every form is exported to a
 * file and run by an onnxruntime on the same inputs, in turn; the first output is compared.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { startEngine, loadModel, loadWeights } from '../../cli/load.js';
import { openCheckpointFile } from '../../cli/checkpointFile.js';
import { runOrFail } from '../../cli/failure.js';
import { table } from '../../cli/print.js';
import { wholeNumber } from '../../cli/options.js';
import { showFileError } from '../../lib/files/error.js';
import type { HostArray } from '../../lib/data/array.js';
import { showBytes, showShare } from '../../lib/data/quantities.js';
import { exportOnnx, type OnnxOptions, writeOnnx } from '../../lib/onnx/index.js';
import type { AnyModel } from '../../presets/preset.js';
import { run } from '../../test/conformance/process.js';
import { machine, versions } from '../machine.js';
import { scriptPath } from '../python.js';
import { type ModelFlags, modelFlags } from '../onnxModel.js';
import { showMachine, showRatio, showSeconds } from '../show.js';
import { agreementOf } from './agreement.js';
import { givenFor } from './inputs.js';
import { type FormToOpen, type OpenForm, runtimes } from './runForm.js';

interface Flags extends ModelFlags {
  readonly rows?: string;
  readonly whole?: string;
  readonly rounds: string;
  readonly threads: string;
  readonly python?: string;
  readonly runtime: Pace['runtime'];
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

interface Measured extends Form, OpenForm {
  readonly seconds: number[];
}

interface Pace {
  readonly rounds: number;
  readonly threads: number;
  readonly runtime: FormToOpen['runtime'];
}

/** A process that waits for a form. */
const startForm = (): ChildProcess =>
  fork(new URL('./runForm.js', import.meta.url), { serialization: 'advanced', execArgv: ['--expose-gc'] });

const ask = <A>(process: ChildProcess, question: FormToOpen | 'run'): Promise<A> =>
  new Promise((resolve, reject) => {
    process.once('message', (answer) => {
      process.removeAllListeners('exit');
      resolve(answer as A);
    });
    process.once('exit', (code) => reject(new Error(`a process that runs a form ended with ${code}`)));
    process.send(question);
  });

/**
 * Runs all forms in turn; each has a process for the whole time. The fastest round counts: other programs only add to it.
 */
const measure = async (
  written: readonly Form[],
  inputs: readonly HostArray[],
  { rounds, threads, runtime }: Pace,
): Promise<Measured[]> => {
  const processes: ChildProcess[] = [];
  try {
    const started: Measured[] = [];
    for (const form of written) {
      const process = startForm();
      processes.push(process);
      const answer = await ask<OpenForm>(process, { path: form.path, runtime, threads, inputs });
      started.push({ ...form, ...answer, seconds: [] });
    }
    for (let round = 0; round < rounds; round++)
      for (const [i, { seconds }] of started.entries()) seconds.push(await ask<number>(processes[i], 'run'));
    return started;
  } finally {
    for (const process of processes) process.kill();
  }
};

const show = (measured: readonly Measured[], isCounted: ((row: number) => boolean) | undefined): string => {
  const [whole] = measured;
  const time = Math.min(...whole.seconds);
  return table(
    ['weights', 'bytes', 'of float32', 'memory', 'time', 'speed', 'largest difference', 'likeliest agree'],
    measured.map(({ name, bytes, memory, seconds, output }) => {
      const fastest = Math.min(...seconds);
      const { difference, agreement } = agreementOf(output, whole.output, isCounted);
      return [
        name,
        showBytes(bytes),
        showShare(bytes / whole.bytes),
        showBytes(memory),
        showSeconds(fastest),
        showRatio(time / fastest),
        difference.toExponential(1),
        `${(100 * agreement).toFixed(2)} %`,
      ];
    }),
  );
};

/** Prints the table of a model; the version of the onnxruntime that ran it. */
const report = async (name: string, flags: Flags): Promise<string> => {
  const model: AnyModel = await loadModel(name, flags);
  const { inputs, arrays } = await givenFor(name, model, flags.inputs);
  const counted = flags.rows === undefined ? undefined : arrays[flags.rows];
  if (flags.rows !== undefined && !counted) throw new Error(`--rows: there is no array '${flags.rows}'`);
  const folder = mkdtempSync(join(tmpdir(), 'renga-weights-'));
  try {
    const written = await writeForms(name, model, flags, folder);
    const pace: Pace = {
      rounds: wholeNumber('--rounds', flags.rounds, 1),
      threads: wholeNumber('--threads', flags.threads, 1),
      runtime: flags.runtime,
    };
    const measured = await measure(written, inputs, pace);
    const isCounted = counted && ((row: number) => Number(counted.data[row]) !== 0);
    console.log(
      `\n${name} by onnxruntime-${pace.runtime}, threads: ${pace.threads}\n${show(measured, isCounted)}`,
    );
    return measured[0].version;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

await modelFlags(new Command('bench:weights'))
  .description('a preset’s weights in fewer bytes: bytes, time and answers beside those of float32')
  .option('--rows <name>', 'compare the likeliest where this array of the inputs is not 0')
  .option('--whole <regex>', 'parameters that stay whole; default: cross-attentions')
  .option('--rounds <n>', 'number of runs of each, the fastest of which counts', '5')
  .option('--threads <n>', 'threads of each', `${Math.min(2, cpus().length)}`)
  .addOption(
    new Option('--runtime <kind>', 'the native onnxruntime, or that of pages, in WebAssembly')
      .choices(runtimes)
      .default('node'),
  )
  .option('--python <path>', 'an interpreter with onnxruntime and onnx, for its own quantiser')
  .action(async (name: string, flags: Flags) => {
    try {
      await startEngine();
      const version = await report(name, flags);
      const { node, renga } = versions();
      console.log(`\n${showMachine(machine(), { renga, node, [`onnxruntime-${flags.runtime}`]: version })}`);
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }
  })
  .parseAsync();
