/** The threads' side of a job, told apart from what they compute. */
import t from 'tap';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { plain } from '../../../lib/engine/wasm/binaries.js';
import type { Exports } from '../../../lib/engine/wasm/exports.js';
import { withSharing } from '../../../lib/engine/wasm/sharedHeap.js';

/** Addresses in a memory that nothing else uses. */
const [control, scratch, scratchBytes, drawn] = [1024, 2 ** 16, 2 ** 16, 2 ** 20];
/** Blocks of two tasks. */
const blocks = 2 * 6144;

/** A thread that is done with the last task after the other one has gone to sleep twice: a sleep is seen by its being woken. */
const slowThread = `const { workerData: { memory, control }, parentPort } = require('node:worker_threads');
  const counters = new Int32Array(memory.buffer, control, 256);
  parentPort.postMessage('ready');
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let seen = 0; seen < 2; seen += Atomics.notify(counters, 16)) Atomics.wait(pause, 0, 0, 1);
  Atomics.add(counters, 16, 1);
  Atomics.notify(counters, 16);`;

t.test('a thread that sleeps until another one is done goes on then', async (t) => {
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
  const module = new WebAssembly.Module(withSharing(Buffer.from(plain, 'base64'), true));
  const giveUp = () => {
    throw new Error('it waited for a minute');
  };
  const exports = new WebAssembly.Instance(module, { env: { memory, giveUp } }).exports as unknown as Exports;
  exports.setUp(control, scratch, scratchBytes, 1);
  exports.setThreads(2);
  exports.beginDraw(0, 1, 2, 0, 0, -1, blocks, drawn, 0, 0, 0, 0, 0, 0, 0, 0);
  t.equal(Atomics.sub(new Int32Array(memory.buffer, control, 1), 0, 1), 2, 'the other one has a task');
  const worker = new Worker(slowThread, { eval: true, workerData: { memory, control } });
  await once(worker, 'message');
  t.doesNotThrow(exports.settle);
  const words = new Uint32Array(memory.buffer, drawn, blocks);
  t.ok(words.subarray(0, blocks / 2).every((word) => word !== 0));
  t.ok(words.subarray(blocks / 2).every((word) => word === 0));
  await worker.terminate();
});
