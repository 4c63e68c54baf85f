/**
 * Curricula: data that changes in the course of a run, and the first phase of flow's, in which each pair of frames comes
 * forward and reversed.
 */
import { expectKnown } from '../../data/nearest.js';
import type { HostArray } from '../../data/array.js';
import type { Data, Examples } from '../data.js';

/** Some data for a number of batches; the last phase has no end. */
export interface Phase<B> {
  readonly data: Data<B>;
  /** Batches of the phase; undefined in the last one. */
  readonly numBatches?: number;
}

/**
 * Data in phases, addressed by position as any other; each phase begins at its own batch 0.
 * @throws RangeError where there is no phase, one but the last has no positive number of batches, or the last one has any
 * @example phased([{ data: plainPairs, numBatches: 20_000 }, { data: augmentedPairs }])
 */
export const phased = <B>(phases: readonly Phase<B>[]): Data<B> => {
  if (phases.length === 0) throw new RangeError('phased: found no phase, expected at least one');
  phases.forEach((phase, i) => expectKnown(`phased: phase ${i}`, phase, ['data', 'numBatches']));
  const starts = [0];
  phases.slice(0, -1).forEach(({ numBatches = NaN }, i) => {
    if (!Number.isInteger(numBatches) || numBatches < 1)
      throw new RangeError(`phased: phase ${i} has ${numBatches} batches, expected a whole number from 1`);
    starts.push(starts[i] + numBatches);
  });
  const { numBatches: ofLast } = phases[phases.length - 1];
  if (ofLast !== undefined)
    throw new RangeError(
      `phased: the last phase has ${ofLast} batches, and it goes on to the end of the run: leave out its numBatches`,
    );
  const isResumable = phases.every(({ data }) => data.isResumable !== false);
  return {
    at: (n, key) => {
      const phase = starts.findLastIndex((start) => n >= start);
      return phases[phase].data.at(n - starts[phase], key);
    },
    ...(!isResumable && { isResumable }),
    close: async () => {
      for (const { data } of phases) await data.close?.();
    },
    settings: {
      phases: phases.map(({ data: { settings = null }, numBatches = null }) => ({ settings, numBatches })),
    },
  };
};

/** Two frames, and where each pixel goes: from the first frame to the second, and back. */
export interface FlowPair {
  /** [H, W, 3] */
  readonly first: HostArray;
  readonly second: HostArray;
  /** [H, W, 2] in pixels: columns, rows. */
  readonly flow: HostArray;
}

/**
 * Each pair forward and reversed: example 2·i is pair i, example 2·i + 1 the same frames in the other order, with the
 * flow back.
 * Source: arXiv:2107.14795, appendix H: the first phase of the curriculum, without any augmentation.
 */
export const forwardAndReversed = (
  pairs: Examples<FlowPair & { readonly flowBack: HostArray }>,
): Examples<FlowPair> => ({
  length: 2 * pairs.length,
  at: async (index, key) => {
    const { first, second, flow, flowBack } = await pairs.at(Math.floor(index / 2), key);
    return index % 2 === 0 ? { first, second, flow } : { first: second, second: first, flow: flowBack };
  },
});
