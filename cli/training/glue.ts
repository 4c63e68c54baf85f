/** Preparing a training on tasks of GLUE: those whose folders the data have. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { Checkpoint } from '../../lib/checkpoint/index.js';
import { showInputError } from '../../lib/data/inputError.js';
import { counted, grouped } from '../../lib/data/quantities.js';
import { readText } from '../../lib/files/text.js';
import { type GlueSet, glueTraining } from '../../presets/glue/recipe/training.js';
import { glueTask, type GlueTaskName, glueTasks, parseGlue } from '../../presets/glue/run/tasks.js';
import type { AnyModel } from '../../presets/preset.js';
import { recipes } from '../../presets/recipes.js';
import { Failure, orFail, runOrFail, UsageError } from '../failure.js';
import { configChanges } from '../load.js';
import { type ModelNamed } from '../load.js';
import { modelOf } from '../modelConfig.js';
import { digestOf } from './digest.js';
import type { Beginning } from './head.js';
import { recipeOf, seedOf, type TrainingOptions } from './options.js';
import { fittedTo, type How, type Prepared } from './prepared.js';

/** The queries and the heads, which a language model does not have. */
export const ofGlueAlone = /^basic_decoder\/~\/trainable_position_encoding\/|_(hidden|logits)\/[wb]$/;

/**
 * A checkpoint to begin with: that of a language model loses what decodes bytes, and gets queries and heads; that of
 * `glue` stays as it is.
 */
export const ofLanguageModel = (checkpoint: Checkpoint): Beginning => {
  const { embedding_decoder: decodesBytes, ...params } = checkpoint.params;
  if (!decodesBytes) return { checkpoint, about: ["queries and heads are the checkpoint's"] };
  const about = ['new queries and heads for the tasks'];
  return { checkpoint: { ...checkpoint, params }, reinitialise: ofGlueAlone, about };
};

/** A file of a task. */
interface ReadSet extends GlueSet {
  readonly digest: string;
}

const readSet = async (folder: string, task: GlueTaskName, file: string): Promise<ReadSet> => {
  const path = join(folder, glueTask(task).folder, file);
  const text = await runOrFail(showInputError, readText(path));
  const examples = orFail(showInputError)(parseGlue(path, task, text));
  return { task, examples, digest: digestOf([text]) };
};

/** The training on GLUE by a command's options. */
export const glueTasksTraining = async (
  options: TrainingOptions,
  { weights, tuning }: How,
): Promise<Prepared & { readonly changes: readonly string[] }> => {
  const { data } = options;
  const folders = Object.values(glueTasks).map(({ folder }) => folder);
  if (data === undefined)
    throw new UsageError(`glue needs --data: a folder with one or more of ${folders.join(', ')}`);
  const names = (Object.keys(glueTasks) as GlueTaskName[]).filter((name) =>
    existsSync(join(data, glueTask(name).folder)),
  );
  if (names.length === 0)
    throw new Failure(`${data} has no task of GLUE, expected a folder ${folders.join(' or ')}`);
  const wanted = await recipeOf(recipes.glue.training, options);
  const json = (await configChanges('glue', options)) as object;
  const tasks = names.map((name) => ({ name, numClasses: Math.max(1, glueTask(name).labels.length) }));
  const config = { ...json, tasks };
  const made = modelOf('glue', config);
  if (E.isLeft(made)) throw new Failure(`glue has no model of ${options.config ?? 'these tasks'}`);
  const model = made.right as ModelNamed<'glue'>;
  const training = await Promise.all(names.map((name) => readSet(data, name, 'train.tsv')));
  const sets = names.flatMap((name) =>
    Object.entries(glueTask(name).evaluation).map(
      async ([figure, file]) => [figure, await readSet(data, name, file)] as const,
    ),
  );
  const heldOut = Object.fromEntries(await Promise.all(sets));
  const numExamples = training.reduce((sum, { examples }) => sum + examples.length, 0);
  const { recipe, changes } = fittedTo(wanted, numExamples, 'example', options);
  const first = await weights(model as unknown as AnyModel);
  const run = glueTraining({
    model,
    recipe,
    training,
    heldOut,
    seed: seedOf(options),
    ...(first.weights && { weights: first.weights }),
    tuning,
  });
  return {
    run,
    recipe,
    tuning,
    changes,
    data: {
      files: Object.fromEntries(
        [...training.map((set) => [set.task, set] as const), ...Object.entries(heldOut)].map(
          ([name, { digest }]) => [name, digest],
        ),
      ),
    },
    about: [
      ...first.about,
      ...training.map(({ task, examples }) => `${task}: ${counted(examples.length, 'example')} to train on`),
      ...Object.entries(heldOut).map(([name, set]) => `${name}: ${grouped(set.examples.length)} held out`),
    ],
    files: { 'config.json': config },
  };
};
