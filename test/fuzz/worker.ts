/** Judges mutants in a thread of its own, whose memory is limited and whose progress is seen from outside. */
import { parentPort, workerData } from 'node:worker_threads';
import './allocation.js';
import { count, emptyTally } from './tally.js';
import type { FuzzFormat } from './corpus.js';
import { judge } from './judge.js';
import { mutantOf } from './mutant.js';

/** The task of a thread. */
export interface Task {
  readonly format: FuzzFormat;
  /** Numbers of mutants, the last not among them. */
  readonly from: number;
  readonly to: number;
  /** Memory that holds the number of the mutant being judged. */
  readonly current: SharedArrayBuffer;
}

const { format, from, to, current } = workerData as Task;
const place = new Int32Array(current);
const tally = emptyTally();
for (let number = from; number < to; number++) {
  Atomics.store(place, 0, number);
  const bytes = mutantOf(format, number);
  count(tally, number, bytes.length, judge(format, bytes));
}
parentPort?.postMessage(tally);
