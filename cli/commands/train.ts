/** `renga train`: a model from nothing, by its recipe, with a log, checkpoints and an evaluation. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { bytes, count } from '../../lib/data/trees.js';
import { grouped, showBytes } from '../../lib/data/quantities.js';
import { engine } from '../../lib/engine/index.js';
import { folderStore } from '../../lib/train/checkpointStore.js';
import { jsonLines, jsonOf, showEvent } from '../../lib/train/log.js';
import { scaleRecipe } from '../../lib/train/recipe.js';
import { train as run, type TrainEvent } from '../../lib/train/train.js';
import { digitsRecipe } from '../../presets/digits/recipe.js';
import { digitsTraining, trainingDigits } from '../../presets/digits/recipe/training.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { readArrays } from '../demo/readArrays.js';
import { Failure } from '../failure.js';
import { interruptible } from '../interrupt.js';
import { loadModel } from '../load.js';
import { examples, wholeNumber } from '../options.js';
import { print } from '../print.js';

interface TrainOptions {
  readonly out?: string;
  readonly steps?: string;
  readonly batch?: string;
  readonly seed: string;
  readonly threads?: string;
  readonly config?: string;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Steps that a dry run takes, and the ones of them that are measured. */
const dry = { warmup: 2, measured: 10 };

/** Seconds between two lines about steps. */
const interval = 10;

const numberOf = (flag: string, text: string | undefined): number | undefined =>
  text === undefined ? undefined : wholeNumber(flag, text, 1);

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

/** Adds `renga train PRESET`. */
export const train = (program: Command): void => {
  program
    .command('train')
    .argument('<preset>', 'digits, whose data comes with the package')
    .description('train a model from nothing, by its recipe')
    .option('--out <folder>', 'write checkpoints and log.jsonl to this folder; default: runs/PRESET')
    .option('--steps <n>', 'train for this number of steps; warm-up and flat part keep their shares')
    .option('--batch <n>', 'take batches of this size; the rate goes with it')
    .option('--seed <n>', 'decide first weights and order of the data by this number', '0')
    .option('--threads <n>', 'compute with this number of threads; default: one for each core')
    .option('--config <file>', 'change the published config by a file of JSON')
    .option('--resume', 'go on from the newest checkpoint of the folder')
    .option('--dry-run', 'take a few steps, tell sizes and time, and write nothing')
    .option('--json', 'print JSON, a line for each event')
    .addHelpText(
      'after',
      examples('train digits', 'train digits --steps 300 --out runs/quick', 'train digits --dry-run'),
    )
    .action(async (name: string, options: TrainOptions) => {
      const model = await loadModel(name, options, ['digits']);
      const scale = {
        batchSize: numberOf('--batch', options.batch),
        numSteps: numberOf('--steps', options.steps),
      };
      const seed = wholeNumber('--seed', options.seed, 0);
      const { recipe, changes } = scaleRecipe(digitsRecipe, scale);
      const { threads } = await engine({ threads: numberOf('--threads', options.threads) });
      const { images, labels } = await readArrays(trainingDigits);
      if (recipe.batchSize > labels.data.length)
        throw new Failure(
          `--batch is ${recipe.batchSize}, expected at most the ${labels.data.length} pictures to train on`,
        );
      const { images: heldOutImages, labels: heldOutLabels } = await readArrays(heldOutDigits);
      const training = digitsTraining({
        model,
        recipe,
        training: { images, labels },
        heldOut: { images: heldOutImages, labels: heldOutLabels },
        seed,
      });
      const show = printer(options.json);
      if (options.dryRun) {
        const { params } = model.outline;
        const seconds: number[] = [];
        const numSteps = dry.warmup + dry.measured;
        for await (const event of run({ ...training, numSteps, evaluate: undefined }))
          if (event.kind === 'step') seconds.push(event.seconds);
        const measured = seconds.slice(dry.warmup);
        const aStep = measured.reduce((a, b) => a + b, 0) / measured.length;
        const told = {
          recipe,
          changes,
          parameters: count(params),
          parameterBytes: bytes(params),
          threads,
          secondsPerStep: aStep,
          secondsInAll: aStep * recipe.numSteps,
        };
        return print(options.json, told, () =>
          [
            ...changes.map((change) => `recipe: ${change}`),
            `${grouped(told.parameters)} parameters train, ${showBytes(told.parameterBytes)}; LAMB holds twice as much beside`,
            `${grouped(labels.data.length)} pictures to train on, ${grouped(heldOutLabels.data.length)} held out`,
            `${(1000 * aStep).toFixed(0)} ms a step on ${threads} threads, the mean of ${measured.length}; ` +
              `${grouped(recipe.numSteps)} steps of ${recipe.batchSize} take ${(told.secondsInAll / 60).toFixed(1)} min, evaluation beside`,
          ].join('\n'),
        );
      }
      const out = options.out ?? join('runs', name);
      const log = jsonLines(join(out, 'log.jsonl'));
      await interruptible(async (signal) => {
        const checkpoints = {
          store: folderStore(out),
          every: Math.ceil(recipe.numSteps / 10),
          resume: options.resume ?? false,
        };
        for await (const event of run({ ...training, checkpoints, signal })) {
          await log(event);
          show(event);
          if (event.kind === 'started' && !options.json)
            for (const change of changes) console.log(`recipe: ${change}`);
          if (event.kind === 'notFinite') throw new Failure(event.message);
        }
      });
      if (!options.json) console.log(`weights and log: ${out}`);
    });
};
