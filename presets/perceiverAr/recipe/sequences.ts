/**
 * Sequences of events as Perceiver AR trains on them and is judged by: one event more than the context has places, so
 * that each place has an event after it.
 */
import { type HostArray, int32 } from '../../../lib/data/array.js';
import type { PerceiverArConfig } from '../network/config.js';
import { reserved } from '../run.js';

/** Events [N + 1] int32, 0 = padding at the end, and their positions [N + 1, axes] int32, above 0. */
export interface Sequences {
  readonly events: HostArray;
  readonly positions: HostArray;
}

/**
 * The part of a sequence before `end`, as long as the context and one more, padded at the end. Positions count from 1 at
 * the sequence's beginning; those beyond the table are its last, as in JAX.
 */
export const cropped = (
  {
    contextLength,
    position,
    positionSizes: [table] = [contextLength],
  }: Pick<PerceiverArConfig, 'contextLength' | 'position' | 'positionSizes'>,
  sequence: readonly number[],
  end: number,
): Sequences => {
  const size = contextLength + 1;
  const start = Math.max(0, end - size);
  const padded = (values: readonly number[]): number[] => [
    ...values,
    ...Array<number>(size - values.length).fill(reserved.pad),
  ];
  const largest = position === 'absolute' ? table - 1 : Infinity;
  const positions = sequence.map((_, i) => Math.min(i + 1, largest));
  return {
    events: int32([size], padded(sequence.slice(start, end))),
    positions: int32([size, 1], padded(positions.slice(start, end))),
  };
};
