/** `renga train`: a model from nothing, by its recipe, with a log, checkpoints and an evaluation. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { engine } from '../../lib/engine/index.js';
import { examples } from '../options.js';
import { countOf, expectOfUse, trainingOptions, type TrainingOptions } from '../training/options.js';
import { prepare, trainable } from '../training/prepare.js';
import { runTraining } from '../training/run.js';

/** Adds `renga train PRESET`. */
export const train = (program: Command): void => {
  const command = program
    .command('train')
    .argument(
      '<preset>',
      `${trainable.join(', ')}; digits, motion and digit-tones have data in the package, and perceiver-ar learns to copy symbols without --data`,
    )
    .description('train a model from nothing, by its recipe');
  trainingOptions(command, 'runs/PRESET')
    .addHelpText(
      'after',
      examples(
        'train digits',
        'train digits --steps 300 --out runs/quick',
        'train imagenet-conv --data photos --steps 2000 --batch 16 --dry-run',
        'train multimodal --data films --config small.json --recipe recipe.json --batch 8 --steps 5000',
        'train audioset-raw --data sounds --config small.json --recipe recipe.json',
      ),
    )
    .action(async (name: string, options: TrainingOptions) => {
      expectOfUse(command, name);
      const { threads } = await engine({ threads: countOf('--threads', options.threads) });
      const how = { weights: async () => ({ about: [] }), tuning: {}, isTuning: false };
      const { out = join('runs', name) } = options;
      const training = await prepare(name, { ...options, out }, how);
      return runTraining(training, threads, { ...options, out });
    });
};
