/**
 * A page of Chromium with this library in it, for the backends that pages alone have. Chromium is asked for its adapters
 * in software, so that no graphics processor is needed.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { openBrowser } from '../browser/browser.js';
import { root } from '../project.js';
import type { InPage } from './main.js';

const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Node's modules in a page: those that the runner of goldens uses, and nothing in the place of others. */
const inPages: Plugin = {
  name: 'node-in-pages',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:fs$/ }, () => ({ path: beside('./files.js') }));
    onResolve({ filter: /^node:path$/ }, () => ({ path: beside('./paths.js') }));
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'node' }));
    onLoad({ filter: /.*/, namespace: 'node' }, () => ({ contents: 'module.exports = {}' }));
  },
};

/** The page's scripts by their names; those that are fetched later are beside `main.js`. */
const bundle = async (): Promise<ReadonlyMap<string, Uint8Array>> => {
  const { outputFiles } = await build({
    entryPoints: [beside('./main.js')],
    outdir: '/',
    bundle: true,
    splitting: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    plugins: [inPages],
    logLevel: 'error',
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
};

/** Folders whose binaries the page may ask for. */
const binaries = ['@tensorflow/tfjs-backend-wasm', 'onnxruntime-web'].map((name) =>
  join(root, 'node_modules', name, 'dist'),
);

const binaryOf = (name: string): Uint8Array | undefined => {
  const folder = binaries.find((each) => readdirSync(each).includes(name));
  return folder === undefined ? undefined : readFileSync(join(folder, name));
};

const entryAt = (path: string): string => {
  const isDirectory = statSync(path).isDirectory();
  return JSON.stringify({ isDirectory, files: isDirectory ? readdirSync(path) : [] });
};

const types: Readonly<Record<string, string>> = {
  '': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>';

/** Serves the page, its scripts, binaries, and the files of this machine to it. */
const serve = async (scripts: ReadonlyMap<string, Uint8Array>) => {
  const bodyOf = ({ pathname, searchParams }: URL): string | Uint8Array | undefined => {
    const path = searchParams.get('path') ?? '';
    if (pathname === '/') return html;
    if (pathname === '/entry') return entryAt(path);
    if (pathname === '/files') return readFileSync(path);
    return scripts.get(basename(pathname)) ?? binaryOf(basename(pathname));
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    try {
      const body = bodyOf(url);
      const type = types[extname(url.pathname)] ?? 'text/plain';
      response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
};

/** Chromium's switches for adapters in software. */
export const softwareAdapters = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

type Results = { readonly [K in keyof InPage]: Awaited<ReturnType<InPage[K]>> };

export interface GpuPage {
  /** Calls one of the page's functions; arguments and results are JSON. */
  readonly call: <K extends keyof InPage>(name: K, ...args: Parameters<InPage[K]>) => Promise<Results[K]>;
  readonly close: () => Promise<void>;
}

/**
 * Opens the page.
 * @param print  gets what the page writes to its console
 * @param switches  Chromium's; adapters in software if not given
 */
export const openGpuPage = async (
  print: (line: string) => void,
  switches: readonly string[] = softwareAdapters,
): Promise<GpuPage> => {
  const { url, server } = await serve(await bundle());
  const browser = await openBrowser(switches);
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  page.on('console', (message) => print(message.text()));
  page.on('pageerror', (error) => print(`not caught: ${error.message}`));
  await page.goto(url);
  await page.waitForFunction('globalThis.inPage !== undefined');
  return {
    call: (name, ...args) => page.evaluate(`inPage.${name}(...${JSON.stringify(args)})`),
    close: async () => {
      await browser.close();
      server.close();
    },
  };
};
