/**
 * One file into the cache: found there, or fetched under a lock, continued where an earlier try broke off, checked for
 * size and digest, and only then put under its name.
 */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../files/makeFolder.js';
import { type Digest, digestOfFile, showDigest } from './digest.js';
import { Interruption, errorOf, refuse } from './error.js';
import { type Facts, factsOf, isSameFile } from './facts.js';
import { withLock } from './lock.js';
import { PartialFile } from './partialFile.js';
import { type Answer, ask, type Token } from './request.js';
import { persist } from './retry.js';
import type { Settings } from './settings.js';
import { expectSuccess } from './status.js';
import { watchdog } from './watchdog.js';

/** A file, where it is and where it is to be. */
export interface Wanted {
  readonly url: URL;
  readonly path: string;
  readonly token?: Token;
  /** The hub, where it is one's file. */
  readonly hub?: URL;
  /** The file's digest, where that is known beforehand. */
  readonly digest?: Digest;
  /** The source of that digest, for messages. */
  readonly digestFrom?: string;
  /** More is refused; when not given, more than 64 GiB of a file whose length nobody says. */
  readonly maxBytes?: number;
  /** Advice about a status, for messages. */
  readonly hint?: (headers: Headers) => string | undefined;
}

/** A file in the cache. */
export interface Obtained {
  readonly path: string;
  /** The address that the file was asked from. */
  readonly url: string;
  readonly bytes: number;
  readonly from: 'cache' | 'network';
  /** The digest that was checked; undefined where nobody named one. */
  readonly digest?: Digest;
}

/** The file in the cache, fetched if it is not there; for the inside of an `attempt`. */
export const obtain = async (wanted: Wanted, settings: Settings): Promise<Obtained> => {
  const { url, path } = wanted;
  const found = settings.isRefreshed ? undefined : await cached(wanted);
  if (found) return found;
  if (settings.isOffline) return refuse({ kind: 'offline', url: url.href, path });
  await makeFolder(dirname(path));
  const onWait = () => settings.onNotice(`another process is fetching ${url.href}; waiting for it`);
  return withLock(path, onWait, async (checkHeld) => {
    const meanwhile = settings.isRefreshed ? undefined : await cached(wanted);
    return meanwhile ?? fetchInto(wanted, settings, checkHeld);
  });
};

/** True if a file is there. */
export const isThere = async (path: string): Promise<boolean> => (await sizeOf(path)) !== undefined;

const sizeOf = async (path: string): Promise<number | undefined> => {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

const cached = async ({ url, path, digest, digestFrom }: Wanted): Promise<Obtained | undefined> => {
  const bytes = await sizeOf(path);
  if (bytes === undefined) return undefined;
  if (digest)
    expectDigest(
      url,
      `the file in the cache, ${path}`,
      await digestOfFile(path, digest.algorithm),
      digest,
      digestFrom,
    );
  return { path, url: url.href, bytes, from: 'cache', ...(digest && { digest }) };
};

const expectDigest = (url: URL, what: string, found: Digest, expected: Digest, from?: string): void => {
  if (found.hex === expected.hex) return;
  refuse({
    kind: 'content',
    url: url.href,
    what,
    found: showDigest(found),
    expected: `${showDigest(expected)}${from === undefined ? '' : `, ${from}`}`,
  });
};

const fetchInto = async (wanted: Wanted, settings: Settings, checkHeld: () => void): Promise<Obtained> => {
  const partial = await PartialFile.open(wanted.path, wanted.url.href);
  try {
    const oneTry = () => fetchOnce(wanted, settings, partial, checkHeld);
    const digest = await persist(wanted, settings, () => partial.length, oneTry);
    checkHeld();
    await partial.finish();
    const { path, url } = wanted;
    return { path, url: url.href, bytes: partial.length, from: 'network', ...(digest && { digest }) };
  } catch (thrown) {
    if (errorOf(thrown)?.kind === 'content') await partial.discard();
    await partial.close();
    throw thrown;
  }
};

/** The number of useless answers after which the server is held to be broken. */
const mostLosses = 3;

/** The file's bytes into its part, from where they end by now; gives the digest that they have. */
const fetchOnce = async (
  wanted: Wanted,
  settings: Settings,
  partial: PartialFile,
  checkHeld: () => void,
): Promise<Digest | undefined> => {
  if (partial.losses > mostLosses)
    refuse({
      kind: 'network',
      url: wanted.url.href,
      path: wanted.path,
      problem: 'it breaks off, and the server does not continue it',
    });
  const isContinued = partial.length > 0;
  if (partial.length === 0 || partial.length !== partial.notes.size)
    await receive(wanted, settings, partial, checkHeld);
  return check(wanted, partial, isContinued);
};

const check = async (
  { url, ...wanted }: Wanted,
  partial: PartialFile,
  isContinued: boolean,
): Promise<Digest | undefined> => {
  const digest = wanted.digest ?? partial.notes.digest;
  if (!digest) return undefined;
  const found = await digestOfFile(partial.path, digest.algorithm);
  if (found.hex === digest.hex) return digest;
  await partial.discard();
  if (isContinued) throw new Interruption('continued, it did not become what was announced');
  expectDigest(url, 'contents', found, digest, wanted.digestFrom);
  return undefined;
};

const receive = async (
  wanted: Wanted,
  settings: Settings,
  partial: PartialFile,
  checkHeld: () => void,
): Promise<void> => {
  const dog = watchdog(settings.stallMs);
  try {
    const answer = await ask({ ...wanted, headers: rangeFrom(partial), signal: dog.signal });
    await begin(answer, wanted, partial);
    const { maxBytes = 2 ** 36 } = wanted;
    for await (const chunk of answer.response.body()) {
      dog.feed(chunk.length);
      checkHeld();
      if (partial.length === 0) expectNoPage(wanted, chunk);
      expectAtMost(wanted, partial.length + chunk.length, partial.notes.size ?? maxBytes);
      await partial.append(chunk);
      settings.onProgress(partial.length, partial.notes.size, wanted.path);
    }
    expectWhole(answer, wanted, partial);
  } finally {
    dog.stop();
  }
};

/** Asks for the rest, if the file is still the one that the part is of. */
const rangeFrom = ({ length, notes: { tag, digest } }: PartialFile): Readonly<Record<string, string>> => {
  if (length === 0 || (tag === undefined && digest === undefined)) return {};
  return { range: `bytes=${length}-`, ...(tag !== undefined && { 'if-range': tag }) };
};

/** Makes the part ready for what the answer brings. */
const begin = async (answer: Answer, wanted: Wanted, partial: PartialFile): Promise<void> => {
  const { response } = answer;
  try {
    if (response.status === 416 && partial.length > 0) return await startOver(partial);
    expectSuccess(answer, wanted, wanted.hint?.(response.headers));
    const facts = factsOf(answer, wanted);
    expectAtMost(wanted, facts.size ?? 0, wanted.maxBytes ?? Infinity);
    await place(facts, partial, response.status, wanted.digest !== undefined);
  } catch (thrown) {
    response.cancel();
    throw thrown;
  }
};

const place = async (
  { from, ...known }: Facts,
  partial: PartialFile,
  status: number,
  isChecked: boolean,
): Promise<void> => {
  if (status === 200) return partial.restart(known);
  const isRest = partial.length > 0 && from === partial.length;
  if (!isRest || !isSameFile(partial.notes, { from, ...known }, isChecked)) return startOver(partial);
  await partial.note({ ...partial.notes, ...known });
};

const startOver = async (partial: PartialFile): Promise<never> => {
  await partial.discard();
  throw new Interruption('the server does not give the rest of what it began');
};

/** Refuses a page that a server sends in place of a file, whatever it calls it. */
const expectNoPage = ({ url }: Wanted, start: Uint8Array): void => {
  const text = Buffer.from(start.subarray(0, 256)).toString('latin1');
  if (!/^(\xef\xbb\xbf)?\s*(<!doctype html|<html|<\?xml)/i.test(text)) return;
  refuse({
    kind: 'content',
    url: url.href,
    what: 'contents',
    found: 'a page',
    expected: 'a file; does a network ask to sign in first?',
  });
};

const expectAtMost = ({ url }: Wanted, found: number, most: number): void => {
  if (found <= most) return;
  refuse({
    kind: 'content',
    url: url.href,
    what: 'length',
    found: `${found} bytes or more`,
    expected: `${most}`,
  });
};

const expectWhole = (
  { response: { headers } }: Answer,
  wanted: Wanted,
  { length, notes }: PartialFile,
): void => {
  const { size, digest } = notes;
  if (size !== undefined && length < size)
    throw new Interruption(`it broke off after ${length} of ${size} bytes`);
  if (length === 0)
    refuse({ kind: 'content', url: wanted.url.href, what: 'length', found: 'no bytes', expected: 'a file' });
  const isEnded = size !== undefined || digest || wanted.digest || headers.has('transfer-encoding');
  if (isEnded) return;
  refuse({
    kind: 'content',
    url: wanted.url.href,
    what: 'length',
    found: 'none',
    expected: 'a length or a digest',
  });
};
