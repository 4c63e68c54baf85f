/**
 * The command `npm run bench:batches`: a model as a server holds it, exported with an open batch and run by onnxruntime, with
 * the time of one request and the number of examples a second for each size of the batch.
 */
import { showRatio, showSeconds } from '../lib/data/quantities.js';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { openCheckpointFile } from '../cli/checkpointFile.js';
import { runOrFail } from '../cli/failure.js';
import { unlessInterrupted } from '../cli/interrupt.js';
import { loadModel, loadWeights, startEngine } from '../cli/load.js';
import { wholeNumber } from '../cli/options.js';
import { table } from '../cli/print.js';
import { withTemporaryFolder } from '../cli/temporaryFolder.js';
import { array, type HostArray } from '../lib/data/array.js';
import { showFileError } from '../lib/files/error.js';
import { exportOnnx, writeOnnx } from '../lib/onnx/index.js';
import { onnxruntime } from '../lib/run/onnxruntime.js';
import type { AnyModel } from '../presets/preset.js';
import { machine, versions } from './machine.js';
import { median } from './measure.js';
import { showMachine } from './show.js';
import { givenFor } from '../cli/weights/inputs.js';
import { feedsOf, openModel } from '../cli/weights/session.js';

interface Flags {
  readonly checkpoint?: string;
  readonly config?: string;
  readonly seed?: string;
  readonly inputs?: string;
  readonly batches: string;
  readonly rounds: string;
  readonly threads: string;
}

/** The first rows of an array, from its beginning again where it has fewer. */
const rowsOf = ({ shape: [rows, ...rest], dtype, data }: HostArray, count: number): HostArray => {
  const given = data as Float32Array;
  const size = given.length / rows;
  const repeated = new (given.constructor as typeof Float32Array)(count * size);
  for (let row = 0; row < count; row++) {
    const from = (row % rows) * size;
    repeated.set(given.subarray(from, from + size), row * size);
  }
  return array([count, ...rest], dtype as 'float32', repeated);
};

/** Runs of one batch, in seconds. */
interface Timed {
  readonly batch: number;
  readonly seconds: number[];
}

/** Runs all batches in turn, so that other programs disturb each alike; each batch's first run is not counted. */
const measure = async (
  path: string,
  inputs: readonly HostArray[],
  batches: readonly number[],
  { rounds, threads }: { readonly rounds: number; readonly threads: number },
): Promise<Timed[]> => {
  const runtime = await onnxruntime();
  const session = await openModel(runtime, path, { intraOpNumThreads: threads });
  const timed: Timed[] = batches.map((batch) => ({ batch, seconds: [] }));
  for (let round = 0; round <= rounds; round++)
    for (const { batch, seconds } of timed) {
      const feeds = feedsOf(
        runtime,
        session,
        inputs.map((input) => rowsOf(input, batch)),
      );
      const start = performance.now();
      await session.run(feeds);
      if (round > 0) seconds.push((performance.now() - start) / 1000);
    }
  await session.release();
  return timed;
};

/** A row for each batch. The fastest run gives the speed: other programs only add to it. */
const show = (timed: readonly Timed[]): string => {
  const speeds = timed.map(({ batch, seconds }) => batch / Math.min(...seconds));
  return table(
    ['batch', 'a request', 'median', 'examples a second', 'of the first'],
    timed.map(({ batch, seconds }, i) => [
      `${batch}`,
      showSeconds(Math.min(...seconds)),
      showSeconds(median([...seconds].sort((a, b) => a - b))),
      speeds[i].toPrecision(3),
      showRatio(speeds[i] / speeds[0]),
    ]),
  );
};

const report = async (name: string, flags: Flags): Promise<void> => {
  const model: AnyModel = await loadModel(name, flags);
  const weights = await loadWeights(model, flags, openCheckpointFile);
  const { inputs } = await givenFor(model, flags.inputs, flags.config === undefined);
  const batches = flags.batches.split(',').map((size) => wholeNumber('--batches', size, 1));
  const [rounds, threads] = [
    wholeNumber('--rounds', flags.rounds, 1),
    wholeNumber('--threads', flags.threads, 1),
  ];
  await withTemporaryFolder('renga-batches', async (folder, signal) => {
    const path = join(folder, 'model.onnx');
    const exported = exportOnnx(model.network, weights, model.openInputs, { name, names: model.names });
    await runOrFail(showFileError, writeOnnx(path, exported, { signal }));
    const timed = await unlessInterrupted(signal, measure(path, inputs, batches, { rounds, threads }));
    console.log(
      `\n${name} by onnxruntime-node, threads: ${threads}, runs of each: ${rounds}\n${show(timed)}`,
    );
  });
};

await new Command('bench:batches')
  .argument('<preset>', 'name of a preset, as renga list shows it')
  .option('--checkpoint <file>', 'its weights; default: those in the package')
  .option('--config <file>', "change the preset's published config by a file of JSON")
  .option('--seed <n>', 'untrained parameters by this seed')
  .option('--inputs <file>', 'an .npz with an array for each input; default: as renga weights has them')
  .description('a served model by the size of its batch: the time of a request, and examples a second')
  .option('--batches <sizes>', 'sizes of the batch', '1,2,4,8,16,32')
  .option('--rounds <n>', 'number of runs of each, the fastest of which counts', '9')
  .option('--threads <n>', "onnxruntime's threads", `${Math.min(2, cpus().length)}`)
  .action(async (name: string, flags: Flags) => {
    try {
      await startEngine();
      await report(name, flags);
      const { node, renga, 'onnxruntime-node': runtime } = versions();
      console.log(`\n${showMachine(machine(), { renga, node, 'onnxruntime-node': runtime })}`);
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      // Runs that go on after an interrupt are not waited for.
      process.exit(1);
    }
  })
  .parseAsync();
