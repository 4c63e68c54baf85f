/**
 * Globals of a page that jax-js uses and Node lacks: workers, and a number of cores. With them it uses threads in
 * Node as well.
 */
import { resolveObjectURL } from 'node:buffer';
import { Worker as NodeWorker } from 'node:worker_threads';

interface MessageLike {
  readonly data: unknown;
}

const prelude = `
const { parentPort } = require('node:worker_threads');
globalThis.self = globalThis;
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on('message', (data) => globalThis.onmessage({ data }));
`;

/** As much of a page's Worker as jax-js uses: a script by blob URL, and messages. */
class PageWorker {
  onmessage?: (event: MessageLike) => void;
  onerror?: (event: { readonly message: string }) => void;
  private readonly worker: Promise<NodeWorker>;

  constructor(url: string) {
    const script = resolveObjectURL(url)?.text() ?? Promise.reject(new Error(`nothing is at ${url}`));
    this.worker = script.then((text) => {
      const worker = new NodeWorker(prelude + text, { eval: true });
      worker.on('message', (data: unknown) => this.onmessage?.({ data }));
      worker.on('error', (error) => this.onerror?.({ message: String(error) }));
      return worker;
    });
  }

  postMessage(message: unknown): void {
    void this.worker.then((worker) => worker.postMessage(message));
  }
}

/** To be called before jax-js is loaded. One thread is the one that calls. */
export const offerWorkers = (threads: number): void => {
  if (threads === 1) return;
  if (typeof Worker === 'undefined') Object.assign(globalThis, { Worker: PageWorker });
  Object.defineProperty(globalThis, 'navigator', {
    value: { hardwareConcurrency: threads },
    configurable: true,
  });
};
