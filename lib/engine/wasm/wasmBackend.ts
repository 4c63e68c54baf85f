/**
 * Starting tfjs's wasm backend: its binary is found, its heap made one that threads can share where they can, and
 * guarded against being full.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as wasm from '@tensorflow/tfjs-backend-wasm';
import { isNode, nodeModule, whyNoSharing } from './platform.js';
import { withSharing } from './sharedHeap.js';

/** The folder of tfjs's .wasm files where a package manager put it; undefined in a page. */
const installedFolder = (): string | undefined => {
  try {
    const require = nodeModule<typeof import('node:module')>('node:module')?.createRequire(import.meta.url);
    return require?.resolve('@tensorflow/tfjs-backend-wasm').replace(/[^\\/]*$/, '');
  } catch {
    return undefined; // bundled: tfjs looks beside the script
  }
};

const names = [
  'tfjs-backend-wasm.wasm',
  'tfjs-backend-wasm-simd.wasm',
  'tfjs-backend-wasm-threaded-simd.wasm',
] as const;
const nameOf = (simd: boolean): string => names[simd ? 1 : 0];

/** The binary's bytes; undefined where it cannot be read without knowing where it is. */
const readBinary = async (prefix: string | undefined, simd: boolean): Promise<Uint8Array | undefined> => {
  const fs = nodeModule<typeof import('node:fs/promises')>('node:fs/promises');
  if (fs) return prefix === undefined ? undefined : fs.readFile(prefix + nameOf(simd));
  // A worker has no document.
  const base = typeof document === 'undefined' ? location.href : document.baseURI;
  const response = await fetch(new URL((prefix ?? '') + nameOf(simd), base));
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
};

/** Why the heap is not shared; undefined where it can be. A page that wants one thread makes no `blob:` address. */
const whyNot = (threads: number): string | undefined =>
  threads === 1 && !isNode() ? 'the engine was started with one thread in this page' : whyNoSharing();

/** A `blob:` address, once tfjs can fetch it. @throws Error where the page's policy does not let it */
const addressOf = async (binary: Uint8Array<ArrayBuffer>): Promise<string> => {
  const url = URL.createObjectURL(new Blob([binary], { type: 'application/wasm' }));
  if (isNode()) return url;
  await fetch(url).catch(() => {
    throw new Error("the page's content security policy lets nothing be fetched from blob:");
  });
  return url;
};

/** Hands tfjs a binary of the same code whose heap is shared. @returns why not, if not */
const pointToShared = async (
  prefix: string | undefined,
  simd: boolean,
  threads: number,
): Promise<string | undefined> => {
  const why = whyNot(threads);
  if (why !== undefined) return why;
  try {
    const binary = await readBinary(prefix, simd);
    if (!binary) return `${nameOf(simd)} was not found; wasmPath says where it is`;
    const shared = withSharing(binary, true);
    if (!WebAssembly.validate(shared)) return 'this platform does not take a shared heap';
    const url = await addressOf(shared);
    wasm.setWasmPaths(Object.fromEntries(names.map((name) => [name, url])), true);
    return undefined;
  } catch (error) {
    return `the heap cannot be shared: ${error instanceof Error ? error.message : String(error)}`;
  }
};

/**
 * Tells tfjs where its binary is.
 * @returns why its heap will not be shared, if it will not
 * @throws Error when a file that should be there is not; emscripten would print pages about it
 */
export const pointToBinary = async (
  folder: string | undefined,
  simd: boolean,
  threads: number,
): Promise<string | undefined> => {
  // Its own threads would ask for another binary, whose heap is not ours to work on.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  const found = folder ?? installedFolder();
  const prefix = found === undefined || /[\\/]$/.test(found) ? found : `${found}/`;
  const fs = nodeModule<typeof import('node:fs')>('node:fs');
  if (fs && prefix !== undefined && !fs.existsSync(prefix + nameOf(simd)))
    throw new Error(`there is no ${prefix}${nameOf(simd)}`);
  const why = await pointToShared(prefix, simd, threads);
  if (why !== undefined && prefix !== undefined) wasm.setWasmPaths(prefix);
  return why;
};

/**
 * Runs `start` and takes away the listeners that it put on the process: emscripten's rethrow every error with a
 * page of minified code before it.
 */
export const withoutNewListeners = async <A>(start: () => Promise<A>): Promise<A> => {
  if (typeof process === 'undefined' || typeof process.listeners !== 'function') return start();
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as 'exit')));
  try {
    return await start();
  } finally {
    events.forEach((event, i) =>
      process
        .listeners(event as 'exit')
        .filter((listener) => !before[i].has(listener))
        .forEach((listener) => process.removeListener(event, listener)),
    );
  }
};
