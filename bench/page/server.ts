/**
 * Serves the page to a browser on this machine, cross-origin isolated, so that it may share memory among threads.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { builtForPages, modules, root } from '../folders.js';

const folders: Readonly<Record<string, string>> = {
  engines: builtForPages,
  'jax-js': join(modules, '@jax-js', 'jax', 'dist'),
  ort: join(modules, 'onnxruntime-web', 'dist'),
  tfjs: join(modules, '@tensorflow', 'tfjs-backend-wasm', 'dist'),
  renga: join(root, 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist'),
};

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

const html = (engine: string): string =>
  `<!doctype html><meta charset="utf-8"><title>${engine}</title><script type="module" src="/engines/${engine}.js"></script>`;

/** The file of a path such as /ort/ort.wasm.min.mjs; undefined where there is none such. */
const fileOf = (path: string): string | undefined => {
  const [, folder, ...rest] = normalize(decodeURIComponent(path)).split(/[\\/]/);
  return Object.hasOwn(folders, folder) && !rest.includes('..') ? join(folders[folder], ...rest) : undefined;
};

/** Of http://127.0.0.1:…/page/ENGINE and what it loads. */
export const servePages = (): Promise<{ readonly url: string; readonly server: Server }> => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [, first, engine] = pathname.split('/');
    const send = (status: number, type: string, body: string | Buffer) =>
      response.writeHead(status, { ...headers, 'Content-Type': type }).end(body);
    if (first === 'page' && /^[\w-]+$/.test(engine ?? '')) return send(200, 'text/html', html(engine));
    const file = fileOf(pathname);
    const missing = () => send(404, 'text/plain', `nothing is at ${pathname}`);
    if (!file) return missing();
    readFile(file).then(
      (body) => send(200, types[extname(file)] ?? 'application/octet-stream', body),
      missing,
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () =>
      resolve({ server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
    );
  });
};
