/** Spans: parts of an axis that follow one another. */

/** A part of an axis: its first place and its number of places. */
export type Span = readonly [start: number, size: number];

/** An axis of `length` places as spans of at most `step`. */
export const spansOf = (length: number, step: number): readonly Span[] =>
  Array.from({ length: Math.ceil(length / step) }, (_, i) => [i * step, Math.min(step, length - i * step)]);
