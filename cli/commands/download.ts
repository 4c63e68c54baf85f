/** `renga download`: published checkpoints, fetched into the cache. */
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
import { UsageError } from '../failure.js';
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

/** Fails for options of the other kind of download. */
const refuseOptions = (what: string, options: DownloadCommandOptions, names: readonly string[]): void => {
  const given = names.find((name) => options[name as keyof DownloadCommandOptions] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given} says nothing about ${what}`);
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
  // A mirror's file is under the mirror's word, not under the author's.
  const isOfAuthors = new URL(found.url).host === card.checkpoint?.url.host;
  const license = isOfAuthors ? card.checkpoint?.license : `not known; it is from ${found.url}`;
  print(isJson, { preset: name, ...found, license }, () => `${line(found)}\nlicense: ${license}`);
};

/** Adds `renga download PRESET`. */
export const download = (program: Command): void => {
  program
    .command('download')
    .argument(
      '<what>',
      'a preset, for the file of its authors; hf:owner/name, for a repository of a model hub',
    )
    .description('fetch a published checkpoint into the cache, once; continue downloads that broke off')
    .option('--revision <name>', 'take this branch, tag or commit of a repository (RENGA_REVISION)')
    .option('--file <name>', 'take this file of a repository instead of its weights')
    .option(
      '--endpoint <url>',
      'use the hub at this address (HF_ENDPOINT); the token is read from HF_TOKEN only',
    )
    .option(
      '--mirror <url>',
      "fetch a preset's file from this address instead of its authors' (RENGA_MIRROR)",
    )
    .option('--sha256 <hex>', "expect this checksum of a preset's file")
    .option(
      '--cache <folder>',
      "keep files in this folder (RENGA_CACHE); default: the platform's folder for caches",
    )
    .option('--offline', 'fetch nothing: only show the file of the cache (RENGA_OFFLINE=1)')
    .option('--refresh', 'fetch again even if the cache has the file')
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

/** The reference that was given. */
const defined = <A extends object>(options: A): { [K in keyof A]?: Exclude<A[K], undefined> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof A]?: Exclude<A[K], undefined>;
  };
