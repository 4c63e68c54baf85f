/** Running a prepared training: a dry run, or the loop with its log, checkpoints, progress and weights. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../lib/files/makeFolder.js';
import { showCheckpointError, writeCheckpoint } from '../../lib/checkpoint/index.js';
import { bytes } from '../../lib/data/trees.js';
import { counted, showBytes, showDuration } from '../../lib/data/quantities.js';
import { jsonLines, jsonOf, showEvent } from '../../lib/train/log.js';
import { type LoopStep, train, type TrainEvent } from '../../lib/train/train.js';
import { showTrained, trainedParts } from '../../lib/train/trained.js';
import type { OptimizerState } from '../../lib/train/transformation.js';
import { metadataOfModel } from '../describedModel.js';
import type { AnyModel } from '../../presets/preset.js';
import { compileStep } from '../../lib/run/index.js';
import { loopStep } from '../../lib/train/loopStep.js';
import { runtimeFor, versionOf } from '../engine.js';
import { Failure, runOrFail } from '../failure.js';
import { interruptible } from '../interrupt.js';
import { print } from '../print.js';
import { withProgress } from '../progress.js';
import { afterwards } from './afterwards.js';
import type { TrainingOptions } from './options.js';
import { firstParams, plainWeights, type Prepared, treated } from './prepared.js';
import { runFiles } from './runFolder.js';
import { type Saving, savingOf } from './saving.js';
import { expectRoom } from './stepMemory.js';

/** Steps that a dry run takes, and the ones of them that are measured; fewer where they take longer than this. */
const dry = { warmup: 2, measured: 10, seconds: 60 };

/** Seconds between two lines about steps. */
const interval = 10;

/** Prints events: all of them as JSON, or those that a person wants to see. */
const printer = (isJson: boolean | undefined) => {
  let last = performance.now();
  return (event: TrainEvent): void => {
    if (isJson) return console.log(jsonOf(event));
    if (event.kind === 'saved') return;
    if (event.kind === 'step') {
      if (performance.now() - last < interval * 1000) return;
      last = performance.now();
    }
    console.log(showEvent(event));
  };
};

/** A step's memory, where it is known, at the end of a sentence. */
const ofMemory = (stepBytes: number | undefined): string =>
  stepBytes === undefined ? '' : `; a step takes about ${showBytes(stepBytes)} of memory`;

export interface Training extends Prepared {
  /** A line for each setting of the recipe that is not as published. */
  readonly changes: readonly string[];
  /** The model of the run, as the config beside its weights makes it. */
  readonly model: AnyModel;
}

/** The steps of a training and the number of threads that compute them. */
interface Steps {
  // Batches differ from preset to preset, as in `Prepared`.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly step: LoopStep<any, OptimizerState>;
  readonly threads: number;
}

/** Takes a few steps, and tells what trains, memory and time. */
const dryRun = async (
  training: Training,
  { step, threads }: Steps,
  stepBytes: number | undefined,
  isJson: boolean | undefined,
): Promise<void> => {
  const { run, recipe, tuning, about, changes } = training;
  const params = firstParams(training);
  const seconds: number[] = [];
  const numSteps = dry.warmup + dry.measured;
  await withProgress(`a dry run of ${numSteps} steps`, async (onProgress) => {
    for await (const event of train({ ...run, step, numSteps, evaluate: undefined }))
      if (event.kind === 'step') {
        seconds.push(event.seconds);
        onProgress(seconds.length, numSteps);
        if (seconds.reduce((a, b) => a + b) > dry.seconds) break;
      }
  });
  // The first step of a program does more than the others, but may be the only one.
  const measured = seconds.slice(Math.min(dry.warmup, seconds.length - 1));
  const secondsPerStep = measured.reduce((a, b) => a + b, 0) / measured.length;
  const parts = trainedParts(params, treated(tuning));
  const trained = parts.filter(({ rate }) => rate !== 0).reduce((sum, each) => sum + each.parameters, 0);
  const told = {
    recipe,
    changes,
    parts,
    parameters: trained,
    parameterBytes: bytes(params),
    // Estimated before the first step; null where it cannot be.
    stepBytes: stepBytes ?? null,
    // The system's own record, in kilobytes.
    peakBytes: process.resourceUsage().maxRSS * 1024,
    threads,
    secondsPerStep,
    secondsInAll: secondsPerStep * recipe.numSteps,
  };
  print(isJson, told, () =>
    [
      ...changes.map((change) => `recipe: ${change}`),
      showTrained(params, treated(tuning)),
      `${counted(trained, 'parameter')} ${trained === 1 ? 'trains' : 'train'}; all are ${showBytes(told.parameterBytes)}, ` +
        `and the process took ${showBytes(told.peakBytes)} of memory at most${ofMemory(stepBytes)}`,
      ...about,
      `${(1000 * secondsPerStep).toFixed(0)} ms a step on ${counted(threads, 'thread')}, the mean of ${measured.length}; ` +
        `${counted(recipe.numSteps, 'step')} of ${counted(recipe.batchSize, 'example')} ${recipe.numSteps === 1 ? 'takes' : 'take'} ${showDuration(told.secondsInAll)}; the time of evaluations comes on top`,
    ].join('\n'),
  );
};

/** Writes the small files beside the weights. */
const writeFiles = async (out: string, files: Training['files']): Promise<void> => {
  await makeFolder(out);
  for (const [name, value] of Object.entries(files))
    await writeFile(join(out, name), `${JSON.stringify(value, null, 2)}\n`);
};

/** Trains to the end, or until it is told to stop; writes the weights of the plain model. */
const runToEnd = async (
  training: Training,
  { step }: Pick<Steps, 'step'>,
  stepBytes: number | undefined,
  options: Saving & Pick<TrainingOptions, 'json'> & { readonly out: string },
): Promise<void> => {
  const { out } = options;
  const { run, tuning, data, about, changes, files, model } = training;
  const metadata = metadataOfModel(model, files[runFiles.classes] as readonly string[] | undefined);
  const log = jsonLines(join(out, runFiles.log));
  const show = printer(options.json);
  const isTuning = tuning.freeze !== undefined || tuning.rates !== undefined;
  let last: readonly string[] = [];
  let cause = '';
  await interruptible(async (signal) => {
    const { checkpoints, seen } = savingOf(training, out, metadata, options);
    // Compared on resuming: all that decides the numbers of the run.
    const compared = { ...(run.recipe as object), config: files[runFiles.config] ?? {}, data };
    // The held-out part is made of the same files: others begin the best anew.
    const evaluate = { ...run.evaluate, settings: data };
    for await (const event of train({ ...run, step, evaluate, checkpoints, recipe: compared, signal })) {
      const told = event.kind === 'started' ? { ...event, changes } : event;
      await log(told);
      show(told);
      seen(event);
      if (event.kind === 'started') {
        await writeFiles(out, files);
        if (options.json) continue;
        for (const line of [...changes.map((change) => `recipe: ${change}`), ...about]) console.log(line);
        if (isTuning) console.log(showTrained(firstParams(training), treated(tuning)));
        // A step of a large model takes minutes, in which nothing else is said.
        if (event.step < run.numSteps) console.log(`step ${event.step + 1} begins${ofMemory(stepBytes)}`);
      }
      if (event.kind === 'notFinite') cause = event.message;
      if (event.kind !== 'ended') continue;
      const { reason, averaged } = event;
      if (reason === 'notFinite') throw new Failure(cause);
      const weights = plainWeights(training, averaged ?? event.weights);
      const path = join(out, runFiles.weights);
      await runOrFail(
        showCheckpointError,
        writeCheckpoint(path, weights, { format: 'safetensors', metadata }),
      );
      const isMerged = tuning.adapters !== undefined;
      last = afterwards(out, { reason, model, isMerged, isAveraged: averaged !== undefined });
    }
  }, 'the run saves and ends');
  if (!options.json) for (const line of last) console.log(line);
};

/** Runs a prepared training with the engine that the options ask for, or takes a few steps for `--dry-run`. */
export const runTraining = async (
  training: Training,
  threads: number,
  options: TrainingOptions & { readonly out: string },
): Promise<void> => {
  const isOwnEngine = options.engine !== 'onnxruntime';
  const stepBytes = await expectRoom(training, isOwnEngine);
  const use = ({ step }: Pick<Steps, 'step'>) =>
    options.dryRun
      ? dryRun(training, { step, threads }, stepBytes, options.json)
      : runToEnd(training, { step }, stepBytes, options);
  const { step } = training.run;
  if (isOwnEngine) return use({ step });
  const runtime = await runtimeFor('onnxruntime');
  await using compiled = compileStep(step, { runtime, threads });
  return await use({
    step: loopStep(step, compiled, { ...(runtime && { engine: `onnxruntime ${versionOf(runtime)}` }) }),
  });
};
