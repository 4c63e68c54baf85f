/**
 * Settings of downloads, sources and cache: the caller's, else the environment's, else defaults.
 * Secrets come from the environment alone.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { refuse } from './error.js';
import { withoutPassword } from './reference.js';

/** All of it may be left out. */
export interface DownloadOptions {
  /**
   * The folder that files are kept in; RENGA_CACHE, or the platform's folder for caches (`~/.cache/renga`). Repositories
   * of the hub are in its folder `hub`, or, where neither is given, in the hub's own cache (`~/.cache/huggingface/hub`).
   */
  readonly cache?: string;
  /** True if nothing may be fetched; RENGA_OFFLINE or HF_HUB_OFFLINE set to 1. */
  readonly isOffline?: boolean;
  /** True to ask anew for what the cache has. */
  readonly isRefreshed?: boolean;
  /** The server to ask instead of the host that published a file: an address that its name is put behind; RENGA_MIRROR. */
  readonly mirror?: string;
  /** The model hub's address; HF_ENDPOINT, or https://huggingface.co. */
  readonly endpoint?: string;
  /** The branch, tag or commit of a hub's repository; RENGA_REVISION, or `main`. */
  readonly revision?: string;
  /** The number of tries in a row that may fail with less than 32 KiB each, before giving up; 5. */
  readonly retries?: number;
  /** The pause before the second try, in milliseconds; twice as long before each one that follows; 500. */
  readonly pauseMs?: number;
  /** The time, in milliseconds, in which a server must send 64 KiB or the rest; 60,000. */
  readonly stallMs?: number;
  /** Called as bytes come; the total is undefined where no server has said it. */
  readonly onProgress?: (done: number, total: number | undefined, file: string) => void;
  /** Told what a person who waits may want to know: another try, another process. */
  readonly onNotice?: (notice: string) => void;
}

/** The settings that apply. */
export interface Settings extends Required<Omit<DownloadOptions, 'mirror' | 'endpoint'>> {
  readonly mirror?: URL;
  readonly endpoint: URL;
  /** The folder of the hub's repositories, laid out as the hub's own programs do. */
  readonly hubCache: string;
  /** For the endpoint's own host, and nobody else. */
  readonly token?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const said = (text: string | undefined): string | undefined => text?.trim() || undefined;

const isOn = (text: string | undefined): boolean => /^(1|true|yes|on)$/i.test(text?.trim() ?? '');

/** The settings that apply: options, else the environment, else defaults. */
export const settingsOf = (options: DownloadOptions, environment: Environment = process.env): Settings => {
  const { mirror = said(environment.RENGA_MIRROR) } = options;
  const { endpoint = said(environment.HF_ENDPOINT) ?? 'https://huggingface.co' } = options;
  const token = said(environment.HF_TOKEN);
  const own = options.cache ?? said(environment.RENGA_CACHE);
  return {
    isRefreshed: false,
    retries: 5,
    pauseMs: 500,
    stallMs: 60_000,
    onProgress: () => {},
    onNotice: () => {},
    ...options,
    cache: own ?? envPaths('renga', { suffix: '' }).cache,
    hubCache: own === undefined ? hubCacheOf(environment) : join(own, 'hub'),
    isOffline: options.isOffline ?? (isOn(environment.RENGA_OFFLINE) || isOn(environment.HF_HUB_OFFLINE)),
    revision: options.revision ?? said(environment.RENGA_REVISION) ?? 'main',
    mirror: mirror === undefined ? undefined : baseOf(mirror, 'a mirror'),
    endpoint: baseOf(endpoint, 'a model hub'),
    ...(token !== undefined && { token }),
  };
};

/** The folder in which Python's `huggingface_hub` keeps what it fetches, so that neither fetches a file of the other. */
const hubCacheOf = (environment: Environment): string => {
  const home =
    said(environment.HF_HOME) ??
    join(said(environment.XDG_CACHE_HOME) ?? join(homedir(), '.cache'), 'huggingface');
  return said(environment.HF_HUB_CACHE) ?? join(home, 'hub');
};

/** An address that names are put behind. */
const baseOf = (text: string, what: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    return refuse({
      kind: 'reference',
      found: `'${withoutPassword(text)}'`,
      expected: `the https address of ${what}`,
    });
  url.pathname = url.pathname.replace(/\/*$/, '/');
  return url;
};
