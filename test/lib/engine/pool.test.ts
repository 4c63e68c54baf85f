/** The threads' side of a job, told apart from what they compute. */
import t from 'tap';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { plain } from '../../../lib/engine/wasm/binaries.js';
import type { Exports } from '../../../lib/engine/wasm/exports.js';
import { withSharing } from '../../../lib/engine/wasm/sharedHeap.js';

/** Addresses in a memory that nothing else uses. */
const [control, scratch, scratchBytes, drawn] = [1024, 2 ** 16, 2 ** 16, 2 ** 20];
/** The first place of the ring of jobs, and the number of events, as 64 and 32 bits are counted. */
const [place, events] = [(control + 4096) / 8, (control + 128) / 4];
/** Blocks of two tasks. */
const blocks = 2 * 6144;

/** A thread that takes its time over the last task, until the other one has long gone to sleep. */
const slowThread = `const { workerData: { memory, first, done, events }, parentPort } = require('node:worker_threads');
  const counters = new Int32Array(memory.buffer);
  parentPort.postMessage('ready');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  if (Atomics.add(counters, done, 1) === 1) Atomics.add(counters, first, 1);
  Atomics.add(counters, events, 1);
  Atomics.notify(counters, events);`;

t.test('a thread that sleeps until another one is done goes on then', async (t) => {
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
  const module = new WebAssembly.Module(withSharing(Buffer.from(plain, 'base64'), true));
  const giveUp = () => {
    throw new Error('it waited for a minute');
  };
  const sleep = (address: number, seen: number, milliseconds: number) =>
    Atomics.wait(new Int32Array(memory.buffer), address / 4, seen, milliseconds);
  const env = { memory, sleep, giveUp };
  const exports = new WebAssembly.Instance(module, { env }).exports as unknown as Exports;
  exports.setUp(control, scratch, scratchBytes, 1);
  exports.setThreads(2);
  exports.beginDraw(0, 1, 2, 0, 0, -1, blocks, drawn, 0, 0, 0, 0, 0, 0, 0, 0);
  t.equal(Atomics.sub(new BigInt64Array(memory.buffer), place, 1n), 2n, 'the other one has a task');
  const workerData = { memory, first: control / 4, done: place * 2 + 2, events };
  const worker = new Worker(slowThread, { eval: true, workerData });
  await once(worker, 'message');
  t.doesNotThrow(exports.settle);
  const words = new Uint32Array(memory.buffer, drawn, blocks);
  t.ok(words.subarray(0, blocks / 2).every((word) => word !== 0));
  t.ok(words.subarray(blocks / 2).every((word) => word === 0));
  await worker.terminate();
});
