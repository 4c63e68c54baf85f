/**
 * One commit of a repository on a model hub: which one a branch is at is asked once and kept; `isRefreshed` asks again.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../files/makeFolder.js';
import { writeFile } from '../files/write.js';
import { refuse } from './error.js';
import { isThere, type Wanted } from './obtain.js';
import { checkRevision, isCommit, refPlace, type RepositoryName, repositoryPlace } from './reference.js';
import { ask, type Token } from './request.js';
import { persist } from './retry.js';
import type { Settings } from './settings.js';
import { expectSuccess } from './status.js';
import { watchdog } from './watchdog.js';

/** One commit of a repository, as the hub and the cache know it. */
export interface Snapshot {
  readonly settings: Settings;
  /** The repository's address. */
  readonly page: URL;
  readonly commit: string;
  /** The folder of the commit's files. */
  readonly folder: string;
  /** The folder that notes the files that the commit does not have. */
  readonly absences: string;
  /** True if notes of absent files are asked anew. */
  readonly isRefreshed: boolean;
  readonly token?: Token;
}

/** The commit of the revision that is meant. */
export const snapshotOf = async (name: RepositoryName, settings: Settings): Promise<Snapshot> => {
  const { endpoint, hubCache, token } = settings;
  const page = new URL(`${name.owner}/${name.name}`, endpoint);
  const place = repositoryPlace(hubCache, name);
  const asked = {
    settings,
    page,
    ...(token !== undefined && { token: { value: token, origin: endpoint.origin } }),
  };
  const commit = await commitOf(checkRevision(name.revision ?? settings.revision), place, asked);
  // The contents of a commit do not change: only which commit it is was asked anew.
  const fixed = { ...settings, isRefreshed: false };
  return {
    ...asked,
    settings: fixed,
    commit,
    folder: join(place, 'snapshots', commit),
    absences: join(place, '.no_exist', commit),
    isRefreshed: settings.isRefreshed,
  };
};

type Asked = Pick<Snapshot, 'settings' | 'page' | 'token'>;

const fileUrl = (page: URL, revision: string, file: string): URL =>
  new URL(`${page.href}/resolve/${encodeURIComponent(revision)}/${encodeURIComponent(file)}`);

/** The commit that a revision is: known, or asked for and kept. */
const commitOf = async (revision: string, place: string, asked: Asked): Promise<string> => {
  if (isCommit(revision)) return revision;
  const ref = refPlace(place, revision);
  const { isRefreshed, isOffline } = asked.settings;
  if (!isRefreshed && (await isThere(ref))) return checkCommit(ref, (await readFile(ref, 'utf8')).trim());
  const url = fileUrl(asked.page, revision, 'config.json');
  if (isOffline) return refuse({ kind: 'offline', url: url.href });
  const commit = await askCommit(url, asked);
  await keep(ref, commit);
  return commit;
};

const checkCommit = (path: string, text: string): string =>
  isCommit(text) ? text : refuse({ kind: 'io', path, problem: 'holds no commit; remove it' });

const askCommit = (url: URL, { settings, token, page }: Asked): Promise<string> =>
  persist(
    { url },
    settings,
    () => 0,
    async () => {
      const dog = watchdog(settings.stallMs);
      try {
        const follows = (next: URL) => next.origin === settings.endpoint.origin;
        const answer = await ask({
          url,
          method: 'HEAD',
          follows,
          signal: dog.signal,
          ...(token && { token }),
        });
        const commit = answer.hops
          .map(({ headers }) => headers.get('x-repo-commit'))
          .find((text) => text !== null);
        // A repository without a config has a commit all the same.
        if (commit === undefined) expectSuccess(answer, { url }, hubHint(page)(answer.response.headers));
        return checkAnsweredCommit(url, commit);
      } finally {
        dog.stop();
      }
    },
  );

const checkAnsweredCommit = (url: URL, commit: string | null | undefined): string =>
  typeof commit === 'string' && isCommit(commit)
    ? commit
    : refuse({
        kind: 'content',
        url: url.href,
        what: 'x-repo-commit',
        found: commit ?? 'none',
        expected: "a commit; is this a model hub's address?",
      });

/** Writes a small file, whole or not at all. */
export const keep = async (path: string, text: string): Promise<void> => {
  await makeFolder(dirname(path));
  await writeFile({ path, parts: () => [new TextEncoder().encode(text)] }, text.length);
};

const hubHint =
  (page: URL) =>
  (headers: Headers): string | undefined => {
    switch (headers.get('x-error-code')) {
      case 'GatedRepo':
        return `its terms have to be accepted at ${page.href}, and HF_TOKEN set to a token of who did`;
      case 'RepoNotFound':
        return 'there is no such repository, or it is private and HF_TOKEN does not open it';
      case 'RevisionNotFound':
        return 'the repository has no such revision';
      default:
        return undefined;
    }
  };

/** A file at the root of a snapshot. */
export const wantedOf = ({ page, commit, folder, token, settings }: Snapshot, file: string): Wanted => ({
  url: fileUrl(page, commit, file),
  path: join(folder, file),
  hub: settings.endpoint,
  hint: hubHint(page),
  ...(token && { token }),
});
