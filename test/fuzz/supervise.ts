/**
 * Runs mutants in threads and sees to it that each ends: a thread that runs out of memory or hangs is a crash of the
 * mutant it was at, and the next thread goes on behind it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { FuzzFormat } from './corpus.js';
import { emptyTally, merged, type Tally } from './tally.js';
import type { Task } from './worker.js';

/** Memory for the objects of a thread; the mutants are a few kilobytes long. */
const heapMegabytes = 96;
const longestMutant = 20_000;
const batch = 2000;

export interface RunOptions {
  readonly format: FuzzFormat;
  readonly from: number;
  readonly to: number;
  /** Called after each batch with what was judged so far. */
  readonly onProgress?: (count: number) => void;
}

/** Judges the mutants of a format from one number to another. */
export const run = async ({ format, from, to, onProgress }: RunOptions): Promise<Tally> => {
  let tally = emptyTally();
  for (let next = from; next < to;) {
    const end = Math.min(to, next + batch);
    const current = new SharedArrayBuffer(4);
    const outcome = await judged({ format, from: next, to: end, current });
    if (typeof outcome === 'string') {
      // What the thread had counted is lost with it: it is counted again up to the mutant that ended it.
      const culprit = new Int32Array(current)[0];
      if (culprit > next) tally = merged(tally, await run({ format, from: next, to: culprit }));
      tally = merged(tally, crashed(culprit, outcome));
      next = culprit + 1;
    } else {
      tally = merged(tally, outcome);
      next = end;
    }
    onProgress?.(next - from);
  }
  return tally;
};

const crashed = (number: number, problem: string): Tally => ({
  ...emptyTally(),
  count: 1,
  outcomes: { crash: 1 },
  failures: [{ number, problem }],
});

/** The tally of a task, or how its thread ended. */
const judged = async (task: Task): Promise<Tally | string> => {
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
  const over = new AbortController();
  const ended = new Promise<Tally | string>((resolve) => {
    worker.once('message', (tally: Tally) => resolve(tally));
    worker.once('error', (error) => resolve(String(error)));
    worker.once('exit', (code) => resolve(`the thread ended with ${code}`));
  });
  const outcome = await Promise.race([ended, hanging(new Int32Array(task.current), over.signal)]);
  over.abort();
  await worker.terminate();
  return outcome;
};

/** Comes back when one mutant has been judged for far too long. */
const hanging = async (current: Int32Array, signal: AbortSignal): Promise<string> => {
  for (let before = -1; ; before = current[0]) {
    await sleep(longestMutant, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return 'over';
    if (current[0] === before) return `did not end in ${longestMutant} ms`;
  }
};
