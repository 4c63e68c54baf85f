/** `renga finetune`: trained weights for a person's own data, with all but some leaves frozen, or with adapters. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { engine } from '../../lib/engine/index.js';
import { allBut } from '../../lib/train/selected.js';
import { lora } from '../../lib/train/lora.js';
import type { Tuning } from '../../lib/train/recipeRun.js';
import type { Rates } from '../../lib/train/scaleByPath.js';
import { UsageError } from '../failure.js';
import { examples, wholeNumber } from '../options.js';
import { labelHead } from '../training/films.js';
import { beginningOf } from '../training/head.js';
import { ofGlueAlone, ofLanguageModel } from '../training/glue.js';
import { countOf, expectOfUse, trainingOptions, type TrainingOptions } from '../training/options.js';
import { checkpointWeights, classifiers, prepare, trainable } from '../training/prepare.js';
import { taggers } from '../training/recordings.js';
import { runTraining } from '../training/run.js';

interface FinetuneOptions extends TrainingOptions {
  readonly offline?: boolean;
  readonly train?: string;
  readonly lora?: string;
  readonly loraOf: string;
  readonly rate?: readonly string[];
}

const pattern = (flag: string, text: string): RegExp => {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new UsageError(`${flag} is '${text}', expected a regular expression: ${(error as Error).message}`);
  }
};

/** `decoder=0.1`: a pattern and a factor. */
const ratesOf = (given: readonly string[] = []): Rates =>
  given.map((each) => {
    const at = each.lastIndexOf('=');
    const factor = Number(each.slice(at + 1));
    if (at < 1 || each.length === at + 1 || !(factor >= 0))
      throw new UsageError(`--rate is '${each}', expected PATTERN=FACTOR, such as encoder=0.1`);
    return [pattern('--rate', each.slice(0, at)), factor] as const;
  });

/** The leaves that belong to a task, made anew for another one: of a classifier, the linear layer that gives the logits. */
const headOf = (name: string): RegExp | undefined => {
  if (isClassifier(name)) return /\/output\/[wb]$/;
  return { glue: ofGlueAlone, multimodal: labelHead }[name];
};

const isClassifier = (name: string): boolean =>
  ([...classifiers, ...taggers] as readonly string[]).includes(name);

/** The leaves that train: adapters and the head, a pattern, or the decoder of classifiers and all of other models. */
const tuningOf = (name: string, options: FinetuneOptions): Tuning => {
  const rates = ratesOf(options.rate);
  const withRates = rates.length > 0 ? { rates } : {};
  if (options.lora !== undefined) {
    const rank = wholeNumber('--lora', options.lora, 1);
    const adapters = lora({ of: pattern('--lora-of', options.loraOf), rank });
    const trains = (path: string): boolean => adapters.isAdapter(path) || (headOf(name)?.test(path) ?? false);
    return { adapters, freeze: allBut(trains), ...withRates };
  }
  const trained = options.train ?? (isClassifier(name) ? '^classification_decoder/' : '');
  return { freeze: allBut(pattern('--train', trained)), ...withRates };
};

/** Adds `renga finetune PRESET`. */
export const finetune = (program: Command): void => {
  const command = program
    .command('finetune')
    .argument('<preset>', `${trainable.join(', ')}; digits without data learns even and odd`)
    .description(
      'train trained weights on; classifiers and multimodal get a new head, unless the weights have your classes',
    )
    .option('--checkpoint <file>', 'begin with these weights: a file, published, or hf:owner/name')
    .option('--offline', 'fetch nothing: use the files of the cache')
    .option(
      '--train <pattern>',
      'train parameters whose path has this pattern; default: the decoder of a classifier, all parameters of other models',
    )
    .option(
      '--lora <rank>',
      'train low-rank adapters of this rank, and the head; adapters are merged into the weights at the end',
    )
    .option(
      '--lora-of <pattern>',
      'give adapters to matrices of this pattern',
      '/attention/linear(_\\d+)?/w$',
    )
    .option(
      '--rate <pattern=factor>',
      'give some parameters a share of the rate; several are taken',
      (each: string, before: readonly string[] = []) => [...before, each],
    );
  trainingOptions(command, 'runs/PRESET-finetuned')
    .addHelpText(
      'after',
      examples(
        'finetune digits',
        'finetune imagenet-conv --checkpoint published --data photos --steps 500 --batch 8',
        'finetune multimodal --checkpoint published --data films --steps 500 --batch 2',
        'finetune words --data diary.txt --lora 4 --dry-run',
        'finetune glue --checkpoint published --data glue_data --lora 4 --dry-run',
      ),
    )
    .action(async (name: string, options: FinetuneOptions) => {
      expectOfUse(command, name);
      const tuning = tuningOf(name, options);
      const weights = checkpointWeights(
        options,
        name === 'glue' ? ofLanguageModel : beginningOf(headOf(name)),
      );
      const { threads } = await engine({ threads: countOf('--threads', options.threads) });
      const { out = join('runs', `${name}-finetuned`) } = options;
      const training = await prepare(name, { ...options, out }, { weights, tuning, isTuning: true });
      return runTraining(training, threads, { ...options, out });
    });
};
