/**
 * One thread or many. Kernels write down jobs, which wait in a ring and are done one after the other, in their order: a job
 * is cut into tasks, and every thread claims the next one until none is left. The thread that writes jobs goes on with its
 * program meanwhile; it takes part when the ring is full and before results are read. A job is cut in the same way for any
 * number of threads, so that results do not depend on it.
 *
 * The control block lies on the heap, each counter on a line of the cache of its own:
 *   0 number of the first job that is not done, 64 number of the next job to be written, 128 number of events (a job was
 *   written or done), 192 threads asleep, 256 stop, 320 a thread failed, 384 a flag that tasks raise, 768 the arguments of the job that is being written,
 *   1024 the message of a thread that failed, 2048 the constants of vector loops, 4096 the ring.
 * A place of the ring: 0 tasks left to claim, with the number of the job above them, 8 tasks done, 64 what the job is, 68
 * its number of tasks, 128 its arguments.
 */
import { writeConstants } from './constants';
import { runTask } from './tasks';

const first: usize = 0;
const next: usize = 64;
const events: usize = 128;
const sleepers: usize = 192;
const stop: usize = 256;
const failed: usize = 320;
const flagAt: usize = 384;
const writtenAt: usize = 768;
const constantsAt: usize = 2048;
const ring: usize = 4096;

const done: usize = 8;
const kindAt: usize = 64;
const countAt: usize = 68;
const argumentsAt: usize = 128;
/** Bytes of a job's arguments, at most, and of a place of the ring. */
const argumentBytes: usize = 256;
const placeBytes: usize = 384;
/** Jobs that wait, at most. */
const places: i32 = 16;

/** The number of times that a thread looks for work, or for its end, before it sleeps: some fifty microseconds. */
const patience: i32 = 20000;
/** A second; and how many of them may pass without an event before a thread is given up. */
const slice: f64 = 1000;
const slices: i32 = 60;

let control: usize = 0;
let threads: i32 = 1;
let mayWait: bool = false;
let scratch: usize = 0;
let scratchBytes: usize = 0;
/** The arguments of the job that this thread has a task of. */
let own: usize = 0;

/** Throws in the calling JavaScript: a thread died or stopped answering. */
@external('env', 'giveUp')
declare function giveUp(): void;

/**
 * Sleeps until the number of events is not what it was, or for some milliseconds. JavaScript does it, because V8's first
 * compiler, in Node 20, writes the address of a sleep of WebAssembly's over a local variable.
 */
@external('env', 'sleep')
declare function sleep(address: usize, seen: i32, milliseconds: f64): void;

/** Addresses for this instance of the module, which is the first thread's or a worker's. */
export function setUp(block: usize, each: usize, bytesOfEach: usize, waits: bool): void {
  control = block;
  scratch = each;
  scratchBytes = bytesOfEach;
  mayWait = waits;
  writeConstants(block + constantsAt);
}

/** Sets the number of threads that share the work from now on, this one included. No job may be waiting. */
export function setThreads(count: i32): void {
  threads = count;
  store<i32>(control + first, 0);
  store<i32>(control + next, 0);
  memory.fill(control + ring, 0, places * placeBytes);
}

/** A job's arguments, read by its tasks. */
@inline export function job<T>(): T {
  return changetype<T>(own);
}

/** The arguments of the next job. Those that it shares with the one that was launched last keep their values. */
@inline export function nextJob<T>(): T {
  if (offsetof<T>() > argumentBytes) ERROR('the arguments of a job take too much room');
  return changetype<T>(control + writtenAt);
}

/** Memory that a thread alone writes on. */
@inline export function scratchOf(thread: i32): usize {
  return scratch + <usize>thread * scratchBytes;
}

/** The address of a flag that tasks raise, lowered once all jobs are done. */
export function lowerFlag(): usize {
  settle();
  store<i32>(control + flagAt, 0);
  return control + flagAt;
}

/** The address of the place of a job. */
@inline function placeOf(number: i32): usize {
  return control + ring + <usize>(number & (places - 1)) * placeBytes;
}

/** Tells threads that look for work or for its end. */
function tell(): void {
  atomic.add<i32>(control + events, 1);
  if (atomic.load<i32>(control + sleepers) > 0) atomic.notify(control + events, -1);
}

/** Runs a task of the first job that is not done. @returns false if there is none left to claim */
function runOne(thread: i32): bool {
  const number = atomic.load<i32>(control + first);
  const place = placeOf(number);
  const word = atomic.load<i64>(place);
  // Another job's number: this one is not yet written, or it is done and its place was taken.
  if (<i32>(word >> 32) != number || <i32>word == 0) return atomic.load<i32>(control + first) != number;
  if (atomic.cmpxchg<i64>(place, word, word - 1) != word) return true;
  // As long as this task is not done the job stays what it is.
  const count = load<i32>(place + countAt);
  own = place + argumentsAt;
  runTask(load<i32>(place + kindAt), <i32>word - 1, thread);
  if (atomic.add<i32>(place + done, 1) + 1 == count) {
    atomic.cmpxchg<i32>(control + first, number, number + 1);
    tell();
  }
  return true;
}

/** Sleeps until there was another event than those that were seen, or until the time is over. */
function rest(seen: i32, milliseconds: f64): void {
  atomic.add<i32>(control + sleepers, 1);
  sleep(control + events, seen, milliseconds);
  atomic.sub<i32>(control + sleepers, 1);
}

/** Lets go of all jobs and throws. */
function abandon(): void {
  atomic.store<i32>(control + first, load<i32>(control + next));
  giveUp();
}

/** Waits until the first job is another one. Gives up where a thread failed, and where nothing happened for a minute. */
function wait(number: i32): void {
  for (let i = 0; i < patience; i++) {
    if (atomic.load<i32>(control + first) != number) return;
  }
  let late = 0;
  let last = 0;
  for (;;) {
    const seen = atomic.load<i32>(control + events);
    if (atomic.load<i32>(control + failed) != 0) return abandon();
    if (atomic.load<i32>(control + first) != number) return;
    if (!mayWait) continue;
    late = seen == last ? late + 1 : 0;
    last = seen;
    if (late > slices) return abandon();
    rest(seen, slice);
  }
}

/** Takes part in jobs until no more than `most` are left. */
function workUntil(most: i32): void {
  for (;;) {
    const number = atomic.load<i32>(control + first);
    if (load<i32>(control + next) - number <= most) return;
    if (!runOne(0)) wait(number);
  }
}

/** Writes down a job of the tasks 0 … count − 1, whose arguments are in place: it is done after those before it. */
export function launch(kind: i32, count: i32): void {
  if (threads == 1) {
    own = control + writtenAt;
    for (let i = 0; i < count; i++) runTask(kind, i, 0);
    return;
  }
  if (count == 0) return;
  const number = load<i32>(control + next);
  workUntil(places - 1);
  const place = placeOf(number);
  memory.copy(place + argumentsAt, control + writtenAt, argumentBytes);
  store<i32>(place + kindAt, kind);
  store<i32>(place + countAt, count);
  store<i32>(place + done, 0);
  store<i32>(control + next, number + 1);
  atomic.store<i64>(place, (<i64>number << 32) | count);
  tell();
}

/** Takes part in all jobs until they are done. */
export function settle(): void {
  if (threads == 1) return;
  workUntil(0);
  if (atomic.load<i32>(control + failed) != 0) abandon();
}

/** The number of jobs that were written, and of those that are done. */
export function written(): i32 {
  return load<i32>(control + next);
}
export function finished(): i32 {
  return atomic.load<i32>(control + first);
}

/** A worker's life: it works, looks for more a while, sleeps until there is some, and returns when it is told to. */
export function serve(thread: i32): void {
  for (;;) {
    const seen = atomic.load<i32>(control + events);
    while (runOne(thread)) {}
    if (atomic.load<i32>(control + stop) != 0) return;
    let idle = 0;
    while (idle < patience && atomic.load<i32>(control + events) == seen) idle++;
    if (idle < patience) continue;
    rest(seen, Infinity);
  }
}
