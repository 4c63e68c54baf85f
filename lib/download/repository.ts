/** A repository on a model hub: its weights and its config, all of one commit, into the cache. */
import { join } from 'node:path';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { attempt, type DownloadError, errorOf, refuse } from './error.js';
import { isThere, obtain, type Obtained } from './obtain.js';
import { isPlainName, parseRepository } from './reference.js';
import { type DownloadOptions, settingsOf } from './settings.js';
import { shardsOf } from './shards.js';
import { keep, type Snapshot, snapshotOf, wantedOf } from './snapshot.js';

export interface RepositoryOptions extends DownloadOptions {
  /** The file of weights; the usual names are tried when not given. */
  readonly file?: string;
}

/** The files of a repository that a model is loaded from. */
export interface Repository {
  /** The commit that all of it is of. */
  readonly commit: string;
  /** The folder of its files, under their own names. */
  readonly folder: string;
  /** The file of weights, or the index of those that it is spread over. */
  readonly weights: Obtained;
  /** The files that an index names, in its own folder. */
  readonly shards: readonly Obtained[];
  readonly config?: Obtained;
}

const usualNames = ['model.safetensors', 'model.safetensors.index.json', 'pytorch_model.bin'];

/** The largest config or index that is read, 64 MiB. */
const mostJsonBytes = 2 ** 26;

/**
 * Weights and config of a repository, in the cache; fetched if they are not there. Weights are `model.safetensors`, or
 * what `model.safetensors.index.json` names, or `pytorch_model.bin`.
 * @param repository  `owner/name` or `owner/name@revision`
 */
export const downloadRepository = (
  repository: string,
  { file, ...options }: RepositoryOptions = {},
): TaskEither<DownloadError, Repository> =>
  attempt(async () => {
    const settings = settingsOf(options);
    const name = parseRepository(repository);
    if (file !== undefined && !isPlainName(file))
      refuse({
        kind: 'reference',
        found: `'${file}'`,
        expected: "the name of a file at a repository's root",
      });
    const snapshot = await snapshotOf(name, settings);
    const config = await optional(snapshot, 'config.json', mostJsonBytes);
    const weights = await weightsOf(snapshot, file);
    return {
      commit: snapshot.commit,
      folder: snapshot.folder,
      weights,
      shards: await shardsBeside(snapshot, weights),
      ...(config && { config }),
    };
  });

const weightsOf = async (snapshot: Snapshot, file: string | undefined): Promise<Obtained> => {
  const { settings, page, folder } = snapshot;
  if (file !== undefined) return obtain(wantedOf(snapshot, file), settings);
  for (const name of usualNames) {
    const found = await optional(snapshot, name, name.endsWith('.json') ? mostJsonBytes : undefined);
    if (found) return found;
  }
  const problem = `the repository has none of ${usualNames.join(', ')}`;
  return refuse({ kind: 'status', url: page.href, path: join(folder, usualNames[0]), status: 404, problem });
};

const shardsBeside = async (snapshot: Snapshot, { path }: Obtained): Promise<readonly Obtained[]> => {
  if (!path.endsWith('.index.json')) return [];
  const shards: Obtained[] = [];
  for (const name of await shardsOf(path, snapshot.page))
    shards.push(await obtain(wantedOf(snapshot, name), snapshot.settings));
  return shards;
};

/**
 * A file of the snapshot; undefined where the repository has none of this name, which is noted, as a commit does not
 * change.
 */
const optional = async (
  snapshot: Snapshot,
  file: string,
  maxBytes?: number,
): Promise<Obtained | undefined> => {
  const absent = join(snapshot.absences, file);
  if (!snapshot.isRefreshed && (await isThere(absent))) return undefined;
  const wanted = { ...wantedOf(snapshot, file), ...(maxBytes !== undefined && { maxBytes }) };
  try {
    return await obtain(wanted, snapshot.settings);
  } catch (thrown) {
    const refused = errorOf(thrown);
    if (refused?.kind !== 'status' || refused.status !== 404) throw thrown;
    await keep(absent, '');
    return undefined;
  }
};
