/**
 * The process of one form of a model: it opens the file with an onnxruntime, and answers with the outputs and the memory that
 * the process then holds, and with the time of each run that is asked for.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HostArray } from '../../lib/data/array.js';
import { array } from '../../lib/data/array.js';
import { onnxruntime, type OnnxRuntime } from '../../lib/run/onnxruntime.js';
import { feedsOf, openModel } from './session.js';

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
  /** The outputs of floats, by name. */
  readonly outputs: Readonly<Record<string, HostArray>>;
  /** Resident bytes of the process after the first run, less those before it opened the form. */
  readonly memory: number;
  /** The version of the onnxruntime. */
  readonly version: string;
}

/** The process's answer where something went wrong. */
export interface FormFailed {
  readonly failed: string;
}

const bytesBeside = (path: string): { readonly path: string; readonly data: Uint8Array }[] =>
  readdirSync(dirname(path))
    .filter((name) => name !== basename(path))
    .map((name) => ({ path: name, data: readFileSync(join(dirname(path), name)) }));

const webRuntime = async (threads: number): Promise<OnnxRuntime> => {
  const name = 'onnxruntime-web';
  const web = (await import(name).catch(() => {
    throw new Error(`${name} is not installed: npm install ${name}`);
  })) as OnnxRuntime;
  web.env.wasm.numThreads = threads;
  return web;
};

const open = async ({ path, runtime, threads, inputs }: FormToOpen) => {
  const library = runtime === 'web' ? await webRuntime(threads) : await onnxruntime();
  const session = await (runtime === 'web'
    ? openModel(library, readFileSync(path), { externalData: bytesBeside(path) })
    : openModel(library, path, { intraOpNumThreads: threads }));
  const feeds = feedsOf(library, session, inputs);
  const once = async (): Promise<Readonly<Record<string, HostArray>>> => {
    const found = Object.entries(await session.run(feeds));
    return Object.fromEntries(
      found
        .filter(([, { type }]) => type === 'float32')
        .map(([name, { dims, data }]) => [name, array(dims, 'float32', data as Float32Array)]),
    );
  };
  return { once, version: library.env.versions.common };
};

let once: (() => Promise<unknown>) | undefined;

const resident = (): number => process.memoryUsage().rss;

const answer = async (form: FormToOpen | 'run'): Promise<OpenForm | number> => {
  if (form === 'run') {
    const start = performance.now();
    await once?.();
    return (performance.now() - start) / 1000;
  }
  const before = resident();
  const opened = await open(form);
  ({ once } = opened);
  const outputs = await opened.once();
  // What was read to open the form is not counted where the runtime has copied it.
  globalThis.gc?.();
  return { outputs, memory: resident() - before, version: opened.version };
};

process.on('message', async (form: FormToOpen | 'run') => {
  try {
    process.send?.(await answer(form));
  } catch (error) {
    process.send?.({ failed: error instanceof Error ? error.message : String(error) } satisfies FormFailed);
  }
});
process.on('disconnect', () => process.exit());
