/** A row of results to change: what tests of ratios and pages begin with. */
import type { Row } from './work.js';

/** A row of a model, measured in so many seconds. */
export const sampleRow = (
  work: string,
  engine: string,
  threads: number,
  seconds: number,
  more: Partial<Row> = {},
): Row => ({
  work,
  group: 'model',
  engine,
  threads,
  seconds,
  spread: 0.1,
  rounds: 5,
  gflops: 100 / seconds,
  peakBytes: 3e8,
  idleBytes: 1e8,
  liveBytes: null,
  weightBytes: 5e7,
  ratio: null,
  difference: null,
  ...more,
});
