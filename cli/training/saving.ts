/** The checkpoints of a run: by its steps, and by the clock where no interval was asked for. */
import { bestName, folderStore } from '../../lib/train/checkpointStore.js';
import type { CheckpointOptions } from '../../lib/train/resume.js';
import type { TrainEvent } from '../../lib/train/train.js';
import { countOf, type TrainingOptions } from './options.js';
import { plainWeights, type Prepared } from './prepared.js';

/** The options that decide when a run saves, and what it goes on from. */
export type Saving = Pick<TrainingOptions, 'saveEvery' | 'resume' | 'acceptChanges'>;

/** The most minutes between two checkpoints, where their interval is not given in steps. */
const longestUnsaved = 10;

/**
 * The store and the interval of checkpoints.
 * @param now  the clock, in milliseconds
 * @returns    `checkpoints` for the loop, and `seen`, which is to be called with each event
 */
export const savingOf = (
  training: Pick<Prepared, 'recipe' | 'tuning'>,
  out: string,
  metadata: Readonly<Record<string, string>>,
  { saveEvery, resume = false, acceptChanges = false }: Saving,
  now = (): number => performance.now(),
) => {
  const every = countOf('--save-every', saveEvery);
  let last = now();
  const checkpoints: CheckpointOptions = {
    store: folderStore(out),
    every: every ?? Math.ceil(training.recipe.numSteps / 10),
    isAsked: () => every === undefined && now() - last > longestUnsaved * 60_000,
    resume,
    acceptChanges,
    metadata,
    plain: (weights) => plainWeights(training, weights),
  };
  return {
    checkpoints,
    seen: (event: TrainEvent): void => {
      // The weights of the best evaluation are none to go on from.
      const isCheckpoint = event.kind === 'saved' && event.name !== bestName;
      if (isCheckpoint || event.kind === 'started') last = now();
    },
  };
};
