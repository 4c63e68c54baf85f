/**
 * Errors of fetching a file, as data, and their messages: always with the address, and with what a person
 * can do. Inside, a final `refuse` stops the surrounding `attempt`; an `Interruption` is what another try may mend.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { errorsOf, type FileError, messageOf, reasonOf, showFileError } from '../files/error.js';
import { printable } from '../data/printable.js';

/** A `path` is where the file is looked for in the cache, if it is one file. */
export type DownloadError =
  /** A name, an address or a setting that is not one. */
  | { readonly kind: 'reference'; readonly found: string; readonly expected: string }
  /** Not in the cache, and nothing may be fetched. */
  | { readonly kind: 'offline'; readonly url: string; readonly path?: string }
  /** No answer, or one that broke off, as often as it was tried. */
  | { readonly kind: 'network'; readonly url: string; readonly path?: string; readonly problem: string }
  /** The server answers, and does not give the file. */
  | {
      readonly kind: 'status';
      readonly url: string;
      readonly path?: string;
      readonly status: number;
      readonly problem: string;
    }
  /** The bytes are not those that were announced; none of them are kept. */
  | {
      readonly kind: 'content';
      readonly url: string;
      readonly what: string;
      readonly found: string;
      readonly expected: string;
    }
  /** The cache's folder cannot be read or written. */
  | FileError;

/** One message for a person: what happened, where, and what to do about it; fit for a terminal, whatever a server says. */
export const showDownloadError = (error: DownloadError): string => printable(told(error));

const told = (error: DownloadError): string => {
  switch (error.kind) {
    case 'reference':
      return `found ${error.found}, expected ${error.expected}`;
    case 'offline':
      return [
        `${error.url} is not in the cache, and offline mode keeps from fetching it`,
        byOtherMeans(error.path),
      ].join('\n');
    case 'network':
      return [
        `${error.url}: ${error.problem}`,
        byOtherMeans(error.path),
        'behind a proxy, Node from 24 on follows HTTPS_PROXY when NODE_USE_ENV_PROXY=1 is set',
      ].join('\n');
    case 'status':
      return `${error.url}: ${error.problem}\n${byOtherMeans(error.path)}`;
    case 'content':
      return `${error.url}: ${error.what}: found ${error.found}, expected ${error.expected}`;
    case 'io':
      return showFileError(error);
  }
};

/** Advice for a network that refuses. */
const byOtherMeans = (path: string | undefined): string =>
  'if other means can fetch it (a browser, another machine): ' +
  (path === undefined ? 'use its files by their paths' : `put the file at ${path}`);

const errors = errorsOf<DownloadError>(showDownloadError);

/** Throws an error, for the `attempt` around it. */
export const refuse: (error: DownloadError) => never = errors.refuse;

/** The error that was refused, of something thrown. */
export const { errorOf } = errors;

/** A try that failed in a way that the next one may not. */
export class Interruption {
  constructor(
    readonly problem: string,
    /** The pause that the server asks for, in milliseconds. */
    readonly pauseMs?: number,
  ) {}
}

/** Runs what fetches and writes; what it refuses, and what the file system refuses, becomes data. */
export const attempt =
  <A>(run: () => Promise<A>): TaskEither<DownloadError, A> =>
  async () => {
    try {
      return E.right(await run());
    } catch (thrown) {
      const left = errorOf(thrown) ?? fileProblem(thrown);
      if (left === undefined) throw thrown;
      return E.left(left);
    }
  };

const fileProblem = (thrown: unknown): DownloadError | undefined => {
  if (!(thrown instanceof Error) || !('syscall' in thrown)) return undefined;
  const path = 'path' in thrown ? String(thrown.path) : 'the cache';
  return {
    kind: 'io',
    path,
    problem: reasonOf(thrown) ?? messageOf(thrown),
    expected: 'a file that can be read and written',
  };
};
