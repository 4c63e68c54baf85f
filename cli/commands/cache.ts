/** `renga cache`: the files that were fetched. */
import { type Command, Option } from 'commander';
import { counted, showBytes } from '../../lib/data/quantities.js';
import {
  type CachedFile,
  cachedFiles,
  removeCached,
  showDigest,
  showDownloadError,
  verifyCache,
  type VerifiedFile,
} from '../../lib/download/index.js';
import { Failure, runOrFail } from '../failure.js';
import { examples } from '../options.js';
import { print } from '../print.js';

interface CacheOptions {
  readonly verify?: boolean;
  readonly remove?: string;
  readonly cache?: string;
  readonly json?: boolean;
}

const verdict = ({ isSound, isPartial }: VerifiedFile): string =>
  isPartial ? 'a part' : isSound === undefined ? 'no digest is known' : isSound ? 'sound' : 'DAMAGED';

const line = (file: CachedFile, isVerified: boolean): string =>
  [
    `${file.path}: ${showBytes(file.bytes)}`,
    ...(isVerified ? [verdict(file)] : []),
    ...(file.digest ? [showDigest(file.digest)] : []),
  ].join(', ');

/** Adds `renga cache`. */
export const cache = (program: Command): void => {
  program
    .command('cache')
    .description('list the files that were fetched, compare them with their digests, or remove some')
    .option('--verify', 'compare every file with the digest that it had when it was fetched')
    .addOption(
      new Option('--remove <text>', 'remove the files whose name has this text in it').conflicts('verify'),
    )
    .option('--cache <folder>', 'the folder of the cache (RENGA_CACHE)')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('cache', 'cache --verify', 'cache --remove optical_flow'))
    .action(async ({ verify, remove, cache: folder, json }: CacheOptions) => {
      const options = folder === undefined ? {} : { cache: folder };
      const task =
        remove !== undefined
          ? removeCached(remove, options)
          : verify
            ? verifyCache(options)
            : cachedFiles(options);
      const files: readonly VerifiedFile[] = await runOrFail(showDownloadError, task);
      print(json, files, () =>
        files.length === 0 ? 'no files' : files.map((file) => line(file, verify === true)).join('\n'),
      );
      const damaged = files.filter(({ isSound }) => isSound === false);
      if (damaged.length > 0)
        throw new Failure(
          `${damaged.length} of ${counted(files.length, 'file')} ${damaged.length === 1 ? 'is' : 'are'} damaged; renga cache --remove removes them`,
        );
    });
};
