/**
 * Names of repositories on a model hub, `owner/name`, with `@revision` where another one than usual is meant; and the
 * places in the cache that belong to addresses.
 */
import { join } from 'node:path';
import { refuse } from './error.js';

/** A repository on a model hub. */
export interface RepositoryName {
  readonly owner: string;
  readonly name: string;
  readonly revision?: string;
}

/** An address as messages may show it. */
export const withoutPassword = (text: string): string => text.replace(/\/\/[^/]*@/, '//…@');

/** One part of a name: what may stand in an address and be a folder's name. */
const part = /^\w[\w.-]{0,95}$/;

/** A branch, a tag, a commit, `refs/pr/1`: what git allows, less what means something else elsewhere. */
const isRevision = (text: string): boolean =>
  text.length <= 255 && text.split('/').every((name) => /^[\w][\w.+-]*$/.test(name) && !name.includes('..'));

/** A repository's name as people write it; refused when it is none. */
export const parseRepository = (text: string): RepositoryName => {
  const [repository, revision, ...rest] = text.split('@');
  const [owner, name, ...others] = repository.split('/');
  const isSound = [owner, name].every(
    (word) => word !== undefined && part.test(word) && !word.includes('..'),
  );
  if (!isSound || others.length || rest.length)
    return refuse({ kind: 'reference', found: `'${text}'`, expected: 'a repository, owner/name' });
  return { owner, name, ...(revision !== undefined && { revision: checkRevision(revision) }) };
};

/** The revision, or a refusal. */
export const checkRevision = (text: string): string =>
  isRevision(text)
    ? text
    : refuse({ kind: 'reference', found: `'${text}'`, expected: 'a branch, a tag or a commit' });

/** True if a revision is a commit, which never becomes another one. */
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

/** True if a file's name is one and nothing more: no folder, no way out of the folder. */
export const isPlainName = (name: string): boolean => /^\w[\w.-]{0,250}$/.test(name);

/** The name of an address as a folder or a file. */
const asFile = (text: string): string => encodeURIComponent(text).replace(/\*/g, '%2A').replace(/^\.+$/, '_');

/** The place of an address's file in the cache: under its host and path. */
export const placeOf = (cache: string, { host, pathname }: URL): string =>
  join(
    cache,
    ...[host, ...pathname.split('/').filter((name) => name !== '')].map((name) => asFile(decoded(name))),
  );

const decoded = (name: string): string => {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // a stray percent sign
  }
};

/** The folder of a repository in the hub's cache, as the hub's own programs lay it out. */
export const repositoryPlace = (hubCache: string, { owner, name }: RepositoryName): string =>
  join(hubCache, `models--${asFile(owner)}--${asFile(name)}`);

/** The file of a revision's commit. */
export const refPlace = (repository: string, revision: string): string =>
  join(repository, 'refs', ...revision.split('/').map(asFile));
