/**
 * References to checkpoints as files on this disk: a path; `published`, the file of a preset's authors; `hf:owner/name`, a
 * repository of a model hub. Missing files are fetched.
 */
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import {
  download,
  type DownloadError,
  type DownloadOptions,
  downloadRepository,
  type FileOptions,
  type Obtained,
  type Repository,
  type RepositoryOptions,
  showDownloadError,
} from '../lib/download/index.js';
import type { PresetCard } from '../presets/preset.js';
import { Failure, runOrFail, UsageError } from './failure.js';
import { inputPath } from './paths.js';
import { presetNamed } from './presetNamed.js';
import { withProgress } from './progress.js';

const hubPrefix = 'hf:';

const fetching = <A>(
  what: string,
  task: (options: DownloadOptions) => TaskEither<DownloadError, A>,
): Promise<A> =>
  withProgress(`fetching ${what}`, (onProgress) =>
    runOrFail(
      showDownloadError,
      task({
        onProgress: (done, total) => total !== undefined && onProgress(done, total),
        onNotice: (notice) => console.error(`renga: ${notice}`),
      }),
    ),
  );

/** The file that a preset's authors published, or that comes with the package. */
export const fetchPublished = ({ name, checkpoint }: PresetCard, options: FileOptions): Promise<Obtained> => {
  if (!checkpoint) throw new Failure(`nobody published parameters of ${name}; --seed N makes untrained ones`);
  return fetching(`the published checkpoint of ${name}`, (hooks) =>
    download(checkpoint.url, {
      ...hooks,
      ...(checkpoint.sha256 !== undefined && { sha256: checkpoint.sha256 }),
      ...options,
    }),
  );
};

/** Tells whether a reference names a repository of a model hub. */
export const isRepository = (reference: string): boolean => reference.startsWith(hubPrefix);

/** `published`, or `published:PRESET`. */
const publishedReference = /^published(?::(.*))?$/s;

/** Tells references to files that may have to be fetched first. */
export const isFetched = (reference: string): boolean =>
  isRepository(reference) || publishedReference.test(reference);

/** A repository's weights and config. */
export const fetchRepository = (reference: string, options: RepositoryOptions): Promise<Repository> =>
  fetching(reference, (hooks) =>
    downloadRepository(reference.slice(hubPrefix.length), { ...hooks, ...options }),
  );

/**
 * The file of a reference.
 * @param reference  a path, `-` for the standard input, `published`, `published:PRESET`, or `hf:owner/name`
 * @param card       the preset of `published`
 */
export const locate = async (
  reference: string,
  card: PresetCard | undefined,
  options: DownloadOptions,
): Promise<string> => {
  if (isRepository(reference)) return (await fetchRepository(reference, options)).weights.path;
  const words = publishedReference.exec(reference);
  if (!words) return inputPath(reference);
  const published = words[1] === undefined ? card : presetNamed(words[1]).card;
  if (published) return (await fetchPublished(published, options)).path;
  throw new UsageError("'published' of which preset? published:PRESET says it");
};
