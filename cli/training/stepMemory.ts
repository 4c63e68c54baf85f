/**
 * The memory that a training step takes, counted before the first one: the step is read for its shapes alone, and the
 * tensors that it holds at once are added up. A step that has no place is refused before anything is computed.
 */
import { totalmem } from 'node:os';
import { sizeOf } from '../../lib/data/array.js';
import { isArray, isTensor } from '../../lib/data/leaf.js';
import { mapNest, partsOf } from '../../lib/data/nest.js';
import { showBytes } from '../../lib/data/quantities.js';
import { emptyLike, NoDataError, withoutData } from '../../lib/engine/index.js';
import { liveBytes } from '../../lib/graph/liveBytes.js';
import { Failure } from '../failure.js';
import type { Prepared } from './prepared.js';

/** The most that WebAssembly can address. */
const heapBytes = 2 ** 32;

/** Estimates are refused from this factor of a limit on: optimizers are counted as what they are composed of. */
const margin = 1.15;

/** Bytes of a nest's arrays on the engine, where every element takes four at most. */
const arrayBytes = (nest: unknown): number => {
  return partsOf(nest, isArray).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
};

/**
 * The bytes of a step's tensors at their peak, with the state and the batch that it is given; undefined for a step that
 * decides by values of its arrays, which are not known beforehand.
 */
export const stepBytes = async ({
  run: { step, state, data, key },
}: Pick<Prepared, 'run'>): Promise<number | undefined> => {
  const batch: unknown = await data.at(0, key);
  const { onKernel, onFree, peak } = liveBytes();
  try {
    withoutData(() => void step(mapNest(state, isTensor, emptyLike) as typeof state, batch), {
      onKernel,
      onFree,
    });
  } catch (error) {
    if (error instanceof NoDataError) return undefined;
    throw error;
  }
  return peak().tiled + arrayBytes(state) + arrayBytes(batch);
};

/** Memory in this process's reach: the machine's, or what its container allows. */
const reachableBytes = (): number => {
  const allowed = (process as { constrainedMemory?: () => number }).constrainedMemory?.() ?? 0;
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
};

/** The limits of a step's memory by what they are of. */
const limitsOf = (isOwnEngine: boolean): readonly (readonly [what: string, bytes: number])[] => [
  ...(isOwnEngine ? [['that WebAssembly can address', heapBytes] as const] : []),
  ['of this machine', reachableBytes()],
];

/**
 * Refuses a training whose steps have no place.
 * @returns the estimate, in bytes; undefined where there is none
 * @throws Failure with the estimate, the limit and the way out
 */
export const expectRoom = async (
  training: Pick<Prepared, 'run' | 'recipe'>,
  isOwnEngine: boolean,
): Promise<number | undefined> => {
  const bytes = await stepBytes(training);
  if (bytes === undefined) return undefined;
  const { batchSize } = training.recipe;
  const way = `${batchSize > 1 ? 'a smaller --batch, ' : ''}a smaller model by --config, or fewer parameters by renga finetune --train`;
  for (const [what, limit] of limitsOf(isOwnEngine))
    if (bytes > margin * limit)
      throw new Failure(
        `a step with a batch of ${batchSize} takes about ${showBytes(bytes)} of memory, more than the ${showBytes(limit)} ${what}: take ${way}`,
      );
  return bytes;
};
