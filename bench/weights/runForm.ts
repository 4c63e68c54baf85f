/**
 * The process of one form of a model: it opens the file with an onnxruntime, and answers with the output and the memory that
 * the process then holds, and with the time of each run that is asked for.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HostArray } from '../../lib/data/array.js';
import { array } from '../../lib/data/array.js';
import { onnxruntime, type OnnxRuntime } from '../../lib/run/onnxruntime.js';
import { residentBytes } from '../memory.js';
import { feedsOf, openModel } from '../onnxModel.js';

/** The onnxruntimes that run the forms: the native one, and that of pages, in WebAssembly. */
export const runtimes = ['node', 'web'] as const;

/** A form to open. */
export interface FormToOpen {
  readonly path: string;
  readonly runtime: (typeof runtimes)[number];
  readonly threads: number;
  readonly inputs: readonly HostArray[];
}

/** The process's answer to the form that it opens. */
export interface OpenForm {
  readonly output: HostArray;
  /** Resident bytes of the process after the first run, less those before it opened the form. */
  readonly memory: number;
  /** The version of the onnxruntime. */
  readonly version: string;
}

const bytesBeside = (path: string): { readonly path: string; readonly data: Uint8Array }[] =>
  readdirSync(dirname(path))
    .filter((name) => name !== basename(path))
    .map((name) => ({ path: name, data: readFileSync(join(dirname(path), name)) }));

const webRuntime = async (threads: number): Promise<OnnxRuntime> => {
  const web = (await import('onnxruntime-web')) as unknown as OnnxRuntime;
  web.env.wasm.numThreads = threads;
  return web;
};

const open = async ({ path, runtime, threads, inputs }: FormToOpen) => {
  const library = runtime === 'web' ? await webRuntime(threads) : await onnxruntime();
  const session = await (runtime === 'web'
    ? openModel(library, readFileSync(path), { externalData: bytesBeside(path) })
    : openModel(library, path, { intraOpNumThreads: threads }));
  const feeds = feedsOf(library, session, inputs);
  const once = async (): Promise<HostArray> => {
    const { dims, data } = (await session.run(feeds))[session.outputNames[0]];
    return array(dims, 'float32', data as Float32Array);
  };
  return { once, version: library.env.versions.common };
};

let once: (() => Promise<HostArray>) | undefined;

process.on('message', async (form: FormToOpen | 'run') => {
  if (form === 'run') {
    const start = performance.now();
    await once?.();
    process.send?.((performance.now() - start) / 1000);
    return;
  }
  const before = residentBytes('self') ?? 0;
  const opened = await open(form);
  ({ once } = opened);
  const output = await once();
  // What was read to open the form is not counted where the runtime has copied it.
  globalThis.gc?.();
  process.send?.({
    output,
    memory: (residentBytes('self') ?? 0) - before,
    version: opened.version,
  } satisfies OpenForm);
});
process.on('disconnect', () => process.exit());
