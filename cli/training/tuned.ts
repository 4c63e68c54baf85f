/** Checks of a fine-tuning's patterns against the leaves of the model, before anything begins. */
import { paths, selects } from '../../lib/data/tree.js';
import { UsageError } from '../failure.js';
import { firstParams, type Prepared } from './prepared.js';

/** Refuses patterns of rates that select nothing. */
export const expectTuned = (prepared: Prepared): void => {
  const names = paths(firstParams(prepared));
  for (const [pattern] of prepared.tuning.rates ?? [])
    if (!names.some(selects(pattern)))
      throw new UsageError(
        `--rate ${pattern instanceof RegExp ? pattern.source : ''}: found no parameter whose path has this pattern; paths are such as ${names[0]}, and --dry-run lists them`,
      );
};
