/** A thread that does what no reader may: at 3 it fills its memory, at 5 it throws, at 7 it does not end. */
import { parentPort, workerData } from 'node:worker_threads';
import { count, emptyTally } from './tally.js';
import type { Task } from './worker.js';

const { from, to, current } = workerData as Task;
const place = new Int32Array(current);

const fillMemory = (): void => {
  const held: object[] = [];
  for (;;) held.push({ held });
};

const hang = (): void => {
  for (;;);
};

const tally = emptyTally();
for (let number = from; number < to; number++) {
  Atomics.store(place, 0, number);
  if (number === 3) fillMemory();
  if (number === 5) throw new TypeError('a mistake');
  if (number === 7) hang();
  count(tally, number, 10, { outcome: 'read', told: '', milliseconds: 1, allocated: 0 });
}
parentPort?.postMessage(tally);
