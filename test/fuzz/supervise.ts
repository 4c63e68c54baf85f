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
const batch = 5000;

export interface RunOptions {
  readonly format: FuzzFormat;
  readonly from: number;
  readonly to: number;
  /** The program of the threads. */
  readonly worker?: URL;
  /** Milliseconds after which a thread that is still at the same mutant is taken to hang. */
  readonly patience?: number;
  /** Called after each batch with what was judged so far. */
  readonly onProgress?: (count: number) => void;
}

/** Judges the mutants of a format from one number to another. */
export const run = async (options: RunOptions): Promise<Tally> => {
  const { format, from, to } = options;
  let tally = emptyTally();
  for (let next = from; next < to;) {
    const end = Math.min(to, next + batch);
    const current = new SharedArrayBuffer(4);
    new Int32Array(current)[0] = -1;
    const outcome = await judged({ format, from: next, to: end, current }, options);
    if (typeof outcome === 'string') {
      // The thread's count is lost with it: mutants are counted again up to the one that ended it.
      const culprit = new Int32Array(current)[0];
      if (culprit < next) throw new Error(`the thread did not begin: ${outcome}`);
      if (culprit > next)
        tally = merged(tally, await run({ ...options, from: next, to: culprit, onProgress: undefined }));
      tally = merged(tally, crashed(culprit, outcome));
      next = culprit + 1;
    } else {
      tally = merged(tally, outcome);
      next = end;
    }
    options.onProgress?.(next - from);
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
const judged = async (
  task: Task,
  { worker: program = new URL('./worker.js', import.meta.url), patience = 20_000 }: RunOptions,
): Promise<Tally | string> => {
  const worker = new Worker(program, {
    workerData: task,
    // Coverage and test runners take time and memory of their own.
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
  const over = new AbortController();
  const ended = new Promise<Tally | string>((resolve) => {
    worker.once('message', (tally: Tally) => resolve(tally));
    worker.once('error', (error) => resolve(String(error)));
    worker.once('exit', (code) => resolve(`the thread ended with ${code}`));
  });
  const outcome = await Promise.race([ended, hanging(new Int32Array(task.current), patience, over.signal)]);
  over.abort();
  await worker.terminate();
  return outcome;
};

/** Comes back when one mutant has been judged for far too long. */
const hanging = async (current: Int32Array, patience: number, signal: AbortSignal): Promise<string> => {
  for (let before = -1; ; before = current[0]) {
    await sleep(patience, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return 'over';
    if (current[0] >= 0 && current[0] === before) return `did not end in ${patience} ms`;
  }
};
