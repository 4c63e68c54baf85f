/**
 * A model hub on this machine: small files it serves itself, with git's hash of them as their tag; for large ones it
 * names size and SHA-256 and sends to another host, as hubs do.
 */
import { createHash } from 'node:crypto';
import type t from 'tap';
import { file, type Handler, serve, type Server, status } from './server.js';

export interface Hub extends Server {
  /** The commit that `main` is at. */
  commit: string;
  /** Files of the repository `owner/name`, by name, whatever the commit. */
  readonly files: Map<string, Uint8Array>;
  /** Sent for a file in its stead. */
  readonly instead: Map<string, Handler>;
  /** Asked for on the other host, with what came along. */
  readonly storage: Server;
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const gitSha1 = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

const isLarge = (name: string): boolean => /\.(safetensors|bin)$/.test(name);

/** A hub with one repository, until the test ends. */
export const startHub = async (
  test: Pick<typeof t, 'teardown'>,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<Hub> => {
  const storage = await serve(test, (request, response) => {
    const name = decodeURIComponent(`${request.url}`.split('/').at(-1) as string);
    const bytes = hub.files.get(name);
    if (bytes) file(bytes, { tag: '"of the storage"' })(request, response);
    else status(403)(request, response);
  });
  const server = await serve(test, (request, response) => {
    const [, owner, repository, verb, revision, file] = `${request.url}`.split('/').map(decodeURIComponent);
    const commit = { 'x-repo-commit': hub.commit };
    if (owner !== 'owner' || repository !== 'name' || verb !== 'resolve')
      return status(404, { 'x-error-code': 'RepoNotFound' })(request, response);
    if (!['main', 'refs/pr/1', hub.commit].includes(revision))
      return status(404, { 'x-error-code': 'RevisionNotFound' })(request, response);
    const instead = hub.instead.get(file);
    if (instead) return instead(request, response);
    const bytes = hub.files.get(file);
    if (!bytes) return status(404, { ...commit, 'x-error-code': 'EntryNotFound' })(request, response);
    return answer(file, bytes, storage, commit)(request, response);
  });
  const hub: Hub = {
    ...server,
    storage,
    commit: 'a'.repeat(40),
    files: new Map(Object.entries(files)),
    instead: new Map(),
  };
  return hub;
};

const answer = (
  name: string,
  bytes: Uint8Array,
  storage: Server,
  headers: Readonly<Record<string, string>>,
): Handler => {
  if (!isLarge(name)) return file(bytes, { tag: `"${gitSha1(bytes)}"`, headers });
  return status(302, {
    ...headers,
    location: `${storage.elsewhere}/signed/${name}`,
    'x-linked-etag': `"${sha256(bytes)}"`,
    'x-linked-size': `${bytes.length}`,
  });
};
