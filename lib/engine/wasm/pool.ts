/**
 * Threads that share the kernels' work: workers that run the same module on the same memory. They start when there is
 * work for them, keep no process alive, sleep when idle, and stop on request. One that dies is an error with its cause.
 */
import type { Exports } from './exports.js';
import { isNode, nodeModule } from './platform.js';

/** The message that starts a worker; it is copied to the worker. */
interface Start {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly places: Places;
}

/** Addresses on the heap: the control block, and each thread's own memory. */
interface Places {
  readonly control: number;
  readonly scratch: number;
  readonly scratchBytes: number;
}

export interface Pool {
  readonly exports: Exports;
  /** The number of threads that share the work once they run. */
  readonly count: number;
  /** The number of threads that run now. */
  readonly running: () => number;
  /** The number of workers that sleep until there is work. */
  readonly asleep: () => number;
  /** Starts the workers if they do not run yet. @throws Error when one died since the last call */
  readonly wake: () => void;
  /** Ends the workers; the next `wake` starts them again. */
  readonly stop: () => Promise<void>;
}

/** The offsets of those counters of the control block that JavaScript reads or writes; see assembly/pool.ts. */
const at = {
  remaining: 0,
  done: 64,
  generation: 128,
  sleepers: 192,
  stop: 256,
  failed: 320,
  busy: 512,
  message: 1024,
};

const longestMessage = 1024;

/**
 * The program of a worker, as text, so that a bundler need not find a file for it. Its errors are written into the control
 * block, where the thread that waits for it reads them.
 */
const program = `const serve = ({ module, memory, places, thread }) => {
  const { control, scratch, scratchBytes } = places;
  const env = { memory, giveUp() { throw new Error('only the first thread gives up'); } };
  try {
    const { exports } = new WebAssembly.Instance(module, { env });
    exports.setUp(control, scratch, scratchBytes, 1);
    exports.serve(thread);
  } catch (error) {
    const text = new TextEncoder().encode(String(error)).slice(0, ${longestMessage - 1});
    const bytes = new Uint8Array(memory.buffer, control + ${at.message}, ${longestMessage});
    bytes.fill(0);
    bytes.set(text);
    const counters = new Int32Array(memory.buffer, control, 256);
    Atomics.store(counters, ${at.failed / 4}, thread);
    if (counters[${at.busy / 4} + thread]) Atomics.add(counters, ${at.done / 4}, 1);
    Atomics.notify(counters, ${at.done / 4});
    throw error;
  }
};`;

/** A worker as both platforms have it. */
interface Thread {
  readonly end: () => Promise<unknown>;
}

type OnDeath = (cause: unknown) => void;

/** A thread of Node's. */
const nodeThread = (data: object, onDeath: OnDeath): Thread | undefined => {
  const threads = nodeModule<typeof import('node:worker_threads')>('node:worker_threads');
  if (!threads) return undefined;
  const code = `${program}; serve(require('node:worker_threads').workerData);`;
  const worker = new threads.Worker(code, { eval: true, workerData: data, name: 'renga', execArgv: [] });
  worker.unref();
  worker.on('error', onDeath);
  worker.on('exit', (status) => onDeath(new Error(`it exited with status ${status}`)));
  return { end: () => worker.terminate() };
};

/** A thread of a page's. */
const pageThread = (data: object, onDeath: OnDeath): Thread => {
  const code = `${program}; onmessage = ({ data }) => { serve(data); close(); };`;
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: 'renga' });
  worker.onerror = (event) => onDeath(new Error(event.message));
  worker.postMessage(data);
  URL.revokeObjectURL(url);
  return { end: async () => worker.terminate() };
};

/** May this thread sleep? Not the one that draws a page. */
const mayWait = (): boolean => isNode() || typeof document === 'undefined';

/** A pool of `count` threads, the calling one included, on a module's memory. */
export const startPool = (start: Start & { readonly count: number }): Pool => {
  const { module, memory, places, count } = start;
  const counters = () => new Int32Array(memory.buffer, places.control, 256);
  let workers: Thread[] = [];
  let running = 1;
  let isEnding = false;
  let failure: Error | undefined;

  const died = (cause: unknown): Error =>
    new Error(`a thread of the engine died: ${String(cause)}`, { cause });

  /** The error that a worker wrote before it died. */
  const written = (): string | undefined => {
    if (Atomics.load(counters(), at.failed / 4) === 0) return undefined;
    const bytes = new Uint8Array(memory.buffer, places.control + at.message, longestMessage).slice();
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  };

  const useThreads = (threads: number): void => {
    running = threads;
    exports.setThreads(threads);
  };

  const end = async (): Promise<void> => {
    const ended = workers.splice(0);
    if (ended.length === 0) return;
    isEnding = true;
    exports.settle();
    useThreads(1);
    Atomics.store(counters(), at.stop / 4, 1);
    Atomics.add(counters(), at.generation / 4, 1);
    Atomics.notify(counters(), at.generation / 4);
    await Promise.all(ended.map((worker) => worker.end()));
    isEnding = false;
  };

  const giveUp = (): never => {
    const cause = written() ?? 'it did not answer for a minute';
    void end();
    throw died(cause);
  };

  const { exports } = new WebAssembly.Instance(module, { env: { memory, giveUp } }) as unknown as {
    exports: Exports;
  };
  exports.setUp(places.control, places.scratch, places.scratchBytes, mayWait() ? 1 : 0);

  const launch = (thread: number): Thread | undefined => {
    const data = { module, memory, places, thread };
    const launched: OnDeath = (cause) => {
      if (!workers.includes(made as Thread)) return;
      failure ??= died(cause);
    };
    const made = isNode() ? nodeThread(data, launched) : pageThread(data, launched);
    return made;
  };

  const wake = (): void => {
    if (failure) {
      const error = failure;
      failure = undefined;
      void end();
      throw error;
    }
    if (running > 1 || count === 1 || isEnding) return;
    counters().fill(0);
    try {
      const made = Array.from({ length: count - 1 }, (_, i) => launch(i + 1));
      workers = made.filter((each) => each !== undefined);
    } catch {
      return; // no workers here: one thread does it all
    }
    useThreads(workers.length + 1);
  };

  return {
    exports,
    count,
    running: () => running,
    asleep: () => Atomics.load(counters(), at.sleepers / 4),
    wake,
    stop: end,
  };
};
