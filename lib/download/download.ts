/** A published file by its address: into the cache once, from there ever after. */
import { stat } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { digestOfFile } from './digest.js';
import { attempt, type DownloadError, refuse } from './error.js';
import { obtain, type Obtained, type Wanted } from './obtain.js';
import { keepRecord, recordOf } from './record.js';
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
    // A mirror's file is another host's: it is kept, and remembered, under that host.
    const asked = mirrored(address, settings);
    const path = placeOf(settings.cache, asked);
    return remembered(
      { url: asked, path, ...(hex !== undefined && { digest: { algorithm: 'sha256', hex } }) },
      settings,
    );
  });

/** A file whose digest is the one that is given, or the one that the file had when it was first fetched. */
const remembered = async (wanted: Wanted, settings: Settings): Promise<Obtained> => {
  const { cache } = settings;
  const known = wanted.digest ? undefined : await recordOf(cache, wanted.path);
  const obtained = await obtain(
    known
      ? {
          ...wanted,
          digest: known.digest,
          digestFrom: 'as it was first fetched; renga cache --remove forgets it',
        }
      : wanted,
    settings,
  );
  if (!known) {
    const digest = wanted.digest ?? (await digestOfFile(obtained.path, 'sha256'));
    await keepRecord(cache, { path: obtained.path, url: wanted.url.href, digest });
  }
  return obtained;
};

const addressOf = (text: URL | string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^(https?|file):$/.test(url.protocol) && url.username === '' && url.password === '') return url;
  const found = `'${withoutPassword(`${text}`)}'`;
  return refuse({ kind: 'reference', found, expected: 'an https address without a password' });
};

const onDisk = async (path: string): Promise<Obtained> => ({
  path,
  url: pathToFileURL(path).href,
  bytes: (await stat(path)).size,
  from: 'cache',
});

const mirrored = (url: URL, { mirror }: Settings): URL =>
  mirror === undefined ? url : new URL(url.pathname.split('/').at(-1) as string, mirror);

const checkedSha256 = (text: string): string =>
  /^[0-9a-f]{64}$/i.test(text)
    ? text.toLowerCase()
    : refuse({ kind: 'reference', found: `'${text}'`, expected: 'a SHA-256, 64 hexadecimal digits' });
