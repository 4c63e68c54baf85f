/** A server, a cache of its own, and a download from one to the other. */
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type t from 'tap';
import { download, type FileOptions, type Obtained, showDownloadError } from '../../../lib/download/index.js';
import { type Handler, onReached, serve } from './server.js';

export const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >>> 3);
export const other = bytes.map((byte) => byte ^ 1);

/** A server, a cache of its own, and what a download from one to the other gives. */
export const stage = async (test: Pick<typeof t, 'teardown' | 'testdir'>, handler: Handler) => {
  const server = await serve(test, handler);
  const cache = join(test.testdir({}), 'cache');
  const notices: string[] = [];
  const url = `${server.address}/models/a.pickle`;
  const folder = join(cache, encodeURIComponent(new URL(server.address).host), 'models');
  const run = (options: FileOptions = {}) =>
    download(url, {
      cache,
      pauseMs: 1,
      onProgress: onReached,
      onNotice: (notice) => notices.push(notice),
      ...options,
    })();
  return { server, cache, notices, url, folder, run, path: join(folder, 'a.pickle') };
};

export const told = (result: E.Either<Parameters<typeof showDownloadError>[0], Obtained>): string =>
  E.isLeft(result) ? showDownloadError(result.left) : `${result.right.from} ${result.right.bytes}`;
