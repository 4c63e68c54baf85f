/** A published file by its address: into the cache once, from there ever after. */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { attempt, type DownloadError, refuse } from './error.js';
import { obtain, type Obtained } from './obtain.js';
import { placeOf, withoutPassword } from './reference.js';
import { type DownloadOptions, type Settings, settingsOf } from './settings.js';

export interface FileOptions extends DownloadOptions {
  /** The SHA-256 that the file must have, in hexadecimal. */
  readonly sha256?: string;
}

/**
 * The file of an address, in the cache; fetched if it is not there.
 *
 * An interrupted download is continued, by this call or a later one. Size and digest are checked, as far as the server
 * names them. A file that is here already (`file:`) stays where it is.
 * @example download(language().card.checkpoint.url)
 */
export const download = (
  url: URL | string,
  { sha256, ...options }: FileOptions = {},
): TaskEither<DownloadError, Obtained> =>
  attempt(async () => {
    const settings = settingsOf(options);
    const address = addressOf(url);
    if (address.protocol === 'file:') return onDisk(fileURLToPath(address));
    const hex = sha256 === undefined ? undefined : checkedSha256(sha256);
    const path = placeOf(settings.cache, address);
    const digest = hex === undefined ? undefined : ({ algorithm: 'sha256', hex } as const);
    return obtain({ url: mirrored(address, settings), path, ...(digest && { digest }) }, settings);
  });

const addressOf = (text: URL | string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^(https?|file):$/.test(url.protocol) && url.username === '' && url.password === '') return url;
  const found = `'${withoutPassword(`${text}`)}'`;
  return refuse({ kind: 'reference', found, expected: 'an https address without a password' });
};

const onDisk = async (path: string): Promise<Obtained> => ({
  path,
  bytes: (await stat(path)).size,
  from: 'cache',
});

const mirrored = (url: URL, { mirror }: Settings): URL =>
  mirror === undefined ? url : new URL(url.pathname.split('/').at(-1) as string, mirror);

const checkedSha256 = (text: string): string =>
  /^[0-9a-f]{64}$/i.test(text)
    ? text.toLowerCase()
    : refuse({ kind: 'reference', found: `'${text}'`, expected: 'a SHA-256, 64 hexadecimal digits' });
