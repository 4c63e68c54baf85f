/** Checks of a fine-tuning's patterns and ranks against the leaves of the model, before anything begins. */
import { showShape } from '../../lib/data/shape.js';
import { at, flatten, joinPath, paths, selects, splitPath } from '../../lib/data/tree.js';
import type { Tuning } from '../../lib/train/recipeRun.js';
import { UsageError } from '../failure.js';
import { firstParams, type Prepared } from './prepared.js';

const expectRates = ({ rates = [] }: Tuning, names: readonly string[]): void => {
  for (const [pattern] of rates)
    if (!names.some(selects(pattern)))
      throw new UsageError(
        `--rate ${pattern instanceof RegExp ? pattern.source : ''}: found no parameter whose path has this pattern; paths are such as ${names[0]}, and --dry-run lists them`,
      );
};

/** Refuses ranks that no product of the two matrices needs. */
const expectRanks = ({ adapters }: Tuning, params: ReturnType<typeof firstParams>): void => {
  if (adapters === undefined) return;
  for (const [path, { shape }] of flatten(params)) {
    const [module, name] = splitPath(path);
    if (name !== 'lora_a') continue;
    const matrix = joinPath(module, 'w');
    const sides = at(params, matrix)?.shape ?? [];
    const [rank, most] = [shape[1], Math.min(...sides)];
    if (rank > most)
      throw new UsageError(
        `--lora is ${rank}, expected at most ${most}, the rank that ${matrix} ${showShape(sides)} itself can have: give a lower rank, or other matrices by --lora-of`,
      );
  }
};

/** Refuses patterns that select nothing, and ranks above those of the matrices. */
export const expectTuned = (prepared: Prepared): void => {
  const params = firstParams(prepared);
  expectRates(prepared.tuning, paths(params));
  expectRanks(prepared.tuning, params);
};
