/**
 * One thread or many: a job is cut into tasks, and every thread claims the next one until none is left. The thread that
 * set the job goes on with its program meanwhile, and takes part before it sets the next job or before results are read.
 * A job is cut in the same way for any number of threads, so that results do not depend on it.
 *
 * The control block lies on the heap, each counter on a line of the cache of its own:
 *   0 tasks left to claim, 64 tasks done, 128 number of jobs so far, 192 threads asleep, 256 stop, 320 a thread failed,
 *   384 what the job is, 388 its number of tasks, 392 for how many slices of time none was done, 396 how many were then,
 *   512 for each thread whether it is in a task, 768 the job's arguments, 2048 the constants of vector loops.
 */
import { writeConstants } from './constants';
import { runTask } from './tasks';

const remaining: usize = 0;
const done: usize = 64;
const generation: usize = 128;
const sleepers: usize = 192;
const stop: usize = 256;
const failed: usize = 320;
const kindAt: usize = 384;
const countAt: usize = 388;
const lateAt: usize = 392;
const lastAt: usize = 396;
const busy: usize = 512;
const argumentsAt: usize = 768;
const constantsAt: usize = 2048;

/** The number of times that a thread looks for work, or for its end, before it sleeps: some fifty microseconds. */
const patience: i32 = 20000;
/** A second, in nanoseconds; and how many of them may pass without a task done before a thread is given up. */
const slice: i64 = 1_000_000_000;
const slices: i32 = 60;

let control: usize = 0;
let threads: i32 = 1;
let mayWait: bool = false;
let scratch: usize = 0;
let scratchBytes: usize = 0;
/** True from the launch of a job until this thread took part in it. */
let launched: bool = false;

/** Throws in the calling JavaScript: a thread died or stopped answering. */
@external('env', 'giveUp')
declare function giveUp(): void;

/** Addresses for this instance of the module, which is the first thread's or a worker's. */
export function setUp(block: usize, each: usize, bytesOfEach: usize, waits: bool): void {
  control = block;
  scratch = each;
  scratchBytes = bytesOfEach;
  mayWait = waits;
  writeConstants(block + constantsAt);
}

/** Sets the number of threads that share the work from now on, this one included. */
export function setThreads(count: i32): void {
  threads = count;
}

/** A job's arguments, read by its tasks. */
@inline export function job<T>(): T {
  return changetype<T>(control + argumentsAt);
}

/** The arguments of the next job, to be written once the last job is done. */
@inline export function nextJob<T>(): T {
  settle();
  return job<T>();
}

/** Memory that a thread alone writes on. */
@inline export function scratchOf(thread: i32): usize {
  return scratch + <usize>thread * scratchBytes;
}

/** Claims and runs tasks until none is left. */
function work(thread: i32): void {
  while (atomic.load<i32>(control + remaining) > 0) {
    const claimed = atomic.sub<i32>(control + remaining, 1) - 1;
    if (claimed < 0) return;
    // As long as this task is not done the job stays what it is.
    const kind = load<i32>(control + kindAt);
    const count = load<i32>(control + countAt);
    store<i32>(control + busy + (<usize>thread << 2), 1);
    runTask(kind, claimed, thread);
    store<i32>(control + busy + (<usize>thread << 2), 0);
    if (atomic.add<i32>(control + done, 1) + 1 == count) atomic.notify(control + done, 1);
  }
}

/**
 * Waits until all tasks are done; a thread that died in one has counted it before.
 *
 * State between two sleeps is kept in memory: V8's first compiler, in Node 20, writes the sleep's address
 * in eight bytes where there are four, over a local variable.
 */
function wait(): void {
  for (let i = 0; i < patience; i++) {
    if (atomic.load<i32>(control + done) == load<i32>(control + countAt)) return;
  }
  store<i32>(control + lastAt, -1);
  for (;;) {
    const now = atomic.load<i32>(control + done);
    if (now == load<i32>(control + countAt)) return;
    if (!mayWait) continue;
    const late = now == load<i32>(control + lastAt) ? load<i32>(control + lateAt) + 1 : 0;
    if (late > slices) giveUp();
    store<i32>(control + lateAt, late);
    store<i32>(control + lastAt, now);
    atomic.wait<i32>(control + done, now, slice);
  }
}

/** Sets a job whose arguments are in place: others begin with it. */
function begin(kind: i32, count: i32): void {
  store<i32>(control + kindAt, kind);
  store<i32>(control + countAt, count);
  if (threads == 1 || count == 1) return;
  atomic.store<i32>(control + done, 0);
  atomic.store<i32>(control + remaining, count);
  atomic.add<i32>(control + generation, 1);
  if (atomic.load<i32>(control + sleepers) > 0) atomic.notify(control + generation, -1);
}

/** Takes part in the job that was set, until all of it is done. */
function finish(): void {
  const kind = load<i32>(control + kindAt);
  const count = load<i32>(control + countAt);
  if (threads == 1 || count == 1) {
    for (let i = 0; i < count; i++) runTask(kind, i, 0);
    return;
  }
  work(0);
  wait();
  if (atomic.load<i32>(control + failed) != 0) giveUp();
}

/** Runs the tasks 0 … count − 1 of a job whose arguments are in place. */
export function parallel(kind: i32, count: i32): void {
  begin(kind, count);
  finish();
}

/** Begins the tasks 0 … count − 1 of a job whose arguments are in place; they are done after `settle`. */
export function launch(kind: i32, count: i32): void {
  begin(kind, count);
  if (threads == 1 || count == 1) finish();
  else launched = true;
}

/** Ends the job that was launched last, if that has not been done. */
export function settle(): void {
  if (!launched) return;
  launched = false;
  finish();
}

/** The number of the launched job while its tasks may read and write memory; 0 once they are done. */
export function running(): i32 {
  const isDone = !launched || atomic.load<i32>(control + done) == load<i32>(control + countAt);
  return isDone ? 0 : atomic.load<i32>(control + generation);
}

/** A worker's life: it works, looks for more a while, sleeps until there is some, and returns when it is told to. */
export function serve(thread: i32): void {
  for (;;) {
    const seen = atomic.load<i32>(control + generation);
    work(thread);
    if (atomic.load<i32>(control + stop) != 0) return;
    let idle = 0;
    while (idle < patience && atomic.load<i32>(control + generation) == seen) idle++;
    if (idle < patience) continue;
    atomic.add<i32>(control + sleepers, 1);
    if (atomic.load<i32>(control + remaining) <= 0) atomic.wait<i32>(control + generation, seen, -1);
    atomic.sub<i32>(control + sleepers, 1);
  }
}
