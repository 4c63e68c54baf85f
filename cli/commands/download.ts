/** What others published, fetched into the cache. */
import type { Command } from 'commander';
import {
  type DownloadOptions,
  type FileOptions,
  type Obtained,
  type Repository,
  type RepositoryOptions,
  showDigest,
} from '../../lib/download/index.js';
import { showBytes } from '../../lib/data/quantities.js';
import { Failure } from '../failure.js';
import { fetchPublished, fetchRepository, isRepository } from '../locate.js';
import { examples } from '../options.js';
import { presetNamed } from '../presetNamed.js';
import { print } from '../print.js';

interface DownloadCommandOptions {
  readonly revision?: string;
  readonly file?: string;
  readonly endpoint?: string;
  readonly mirror?: string;
  readonly sha256?: string;
  readonly cache?: string;
  readonly offline?: boolean;
  readonly refresh?: boolean;
  readonly json?: boolean;
}

const line = ({ path, bytes, from, digest }: Obtained): string =>
  [
    `${path}: ${showBytes(bytes)}`,
    from === 'cache' ? 'already here' : 'fetched',
    ...(digest ? [showDigest(digest)] : []),
  ].join(', ');

const filesOf = ({ weights, shards, config }: Repository): readonly Obtained[] => [
  weights,
  ...shards,
  ...(config ? [config] : []),
];

/** What belongs to one kind of download only, refused with the other. */
const refuseOptions = (what: string, options: DownloadCommandOptions, names: readonly string[]): void => {
  const given = names.find((name) => options[name as keyof DownloadCommandOptions] !== undefined);
  if (given !== undefined) throw new Failure(`--${given} says nothing about ${what}`);
};

const downloadHub = async (
  reference: string,
  options: RepositoryOptions,
  isJson: boolean | undefined,
): Promise<void> => {
  const found = await fetchRepository(reference, options);
  print(isJson, found, () => filesOf(found).map(line).join('\n'));
};

const downloadPreset = async (
  name: string,
  options: FileOptions,
  isJson: boolean | undefined,
): Promise<void> => {
  const { card } = presetNamed(name);
  const found = await fetchPublished(card, options);
  const license = card.checkpoint?.license;
  print(isJson, { preset: name, ...found, license }, () => `${line(found)}\nlicense: ${license}`);
};

/** `renga download PRESET`: what others published, into the cache. */
export const download = (program: Command): void => {
  program
    .command('download')
    .argument('<what>', "a preset, for the file that its authors published; hf:owner/name for a model hub's")
    .description('fetch a published checkpoint into the cache, once; what broke off is continued')
    .option('--revision <name>', "a hub's branch, tag or commit (RENGA_REVISION)")
    .option('--file <name>', "another file of a hub's repository than its weights as usual")
    .option('--endpoint <url>', "the hub's address (HF_ENDPOINT); a token is taken from HF_TOKEN alone")
    .option('--mirror <url>', "where to ask for a preset's file instead of its authors' host (RENGA_MIRROR)")
    .option('--sha256 <hex>', "what a preset's file must have")
    .option('--cache <folder>', "where files are kept (RENGA_CACHE); the platform's folder for caches")
    .option('--offline', 'fetch nothing: only say what is there (RENGA_OFFLINE=1)')
    .option('--refresh', 'ask anew for what is there')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('download language', 'download hf:deepmind/language-perceiver', 'download flow --offline'),
    )
    .action(async (what: string, options: DownloadCommandOptions) => {
      const { revision, file, endpoint, mirror, sha256, cache, offline, refresh, json } = options;
      const common: DownloadOptions = defined({ cache, isOffline: offline, isRefreshed: refresh });
      if (isRepository(what)) {
        refuseOptions('a repository', options, ['mirror', 'sha256']);
        await downloadHub(what, { ...common, ...defined({ revision, file, endpoint }) }, json);
      } else {
        refuseOptions('a preset', options, ['revision', 'file', 'endpoint']);
        await downloadPreset(what, { ...common, ...defined({ mirror, sha256 }) }, json);
      }
    });
};

/** What was given. */
const defined = <A extends object>(options: A): { [K in keyof A]?: Exclude<A[K], undefined> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof A]?: Exclude<A[K], undefined>;
  };
