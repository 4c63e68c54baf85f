/**
 * Serves a folder to a browser on this machine, as a static host with a strict policy does: files as they are, each
 * with its type, under a content security policy.
 */
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

/** All that a page may do; `wasm-unsafe-eval` is its only concession, and no page needs more. */
export const strictPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";

export interface ServeOptions {
  /** `strictPolicy` if not given. */
  readonly policy?: string;
  /** True if pages may share memory with threads. */
  readonly isIsolated?: boolean;
  /** Awaited before a path is answered. */
  readonly before?: (path: string) => Promise<unknown>;
}

/** A folder that is served. */
export interface Served {
  /** Without a slash at its end. */
  readonly url: string;
  /** Bytes of all files that were sent since the last call, each as gzip makes it. */
  readonly takeCompressedBytes: () => number;
  readonly close: () => Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The file of a path; an `index.html` for a folder. */
const fileAt = async (folder: string, path: string): Promise<string> => {
  const file = join(folder, normalize(decodeURIComponent(path)));
  return (await stat(file)).isDirectory() ? join(file, 'index.html') : file;
};

/** Starts serving on a port of the system's choice. */
export const serve = (
  folder: string,
  { policy = strictPolicy, isIsolated = false, before = async () => undefined }: ServeOptions = {},
): Promise<Served> => {
  let compressedBytes = 0;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const headers = { 'Content-Security-Policy': policy, ...(isIsolated ? isolation : {}) };
    before(pathname)
      .then(() => fileAt(folder, pathname))
      .then(async (file) => ({ file, body: await readFile(file) }))
      .then(({ file, body }) => {
        compressedBytes += gzipSync(body).length;
        response
          .writeHead(200, { ...headers, 'Content-Type': types[extname(file)] ?? 'application/octet-stream' })
          .end(body);
      })
      .catch(() => response.writeHead(404, headers).end(`nothing is at ${pathname}`));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        takeCompressedBytes: () => {
          const sent = compressedBytes;
          compressedBytes = 0;
          return sent;
        },
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      }),
    );
  });
};
