/**
 * The environment of a run, on which its bits depend as they do on its arrays: the program that computes the steps, the
 * backend, its kernels, its threads, the JavaScript engine, the version of this library. And the comparison of settings.
 */
import { version } from '../data/version.js';
import { engineInfo } from '../engine/index.js';
import type { Environment } from './trainCheckpoint.js';

/** The host's name and version: Node's, or a browser's. */
const hostName = (): string => {
  const { process, navigator } = globalThis as {
    process?: { readonly version?: string };
    navigator?: { readonly userAgent?: string };
  };
  return process?.version !== undefined ? `node ${process.version}` : (navigator?.userAgent ?? 'unknown');
};

/** The name of this library's own engine. */
const ownEngine = 'renga';

/**
 * @param steps  the program that computes the steps, where it is not this library's engine
 * @throws Error where no engine runs
 */
export const currentEnvironment = (steps = ownEngine): Environment => {
  const info = engineInfo();
  if (!info) throw new Error('no engine runs yet: call await engine() first');
  const { backend, kernels, threads } = info;
  return { engine: steps, backend, kernels, threads, host: hostName(), renga: version };
};

/**
 * The differences between a checkpoint's environment and the one that runs, a sentence each. This library's own engine
 * gives the same bits on any number of threads; other programs do not.
 */
export const differences = (before: Environment, now: Environment): readonly string[] =>
  (['engine', 'backend', 'kernels', 'threads', 'host', 'renga'] as const)
    .filter((name) => before[name] !== now[name] && (name !== 'threads' || now.engine !== ownEngine))
    .map(
      (name) =>
        `the checkpoint is of ${name} ${before[name] ?? 'unknown'}, and ${now[name]} runs: bits may differ`,
    );

/** The longest value that is shown whole. */
const longest = 60;

const shown = (value: unknown): string => {
  const text = value === undefined ? 'none' : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
};

const changes = (before: unknown, now: unknown, path: string): readonly string[] => {
  if (typeof before !== 'object' || typeof now !== 'object' || before === null || now === null)
    return before === now ? [] : [`${path}: the checkpoint has ${shown(before)}, the run ${shown(now)}`];
  const [a, b] = [before, now] as readonly Readonly<Record<string, unknown>>[];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((name) =>
    changes(a[name], b[name], `${path}.${name}`),
  );
};

/**
 * The fields in which a run's settings differ from a checkpoint's, a line each with both values. The order of names does
 * not matter.
 * @param before  settings as they were read from JSON
 * @param now     settings that can be written as JSON
 */
export const changesBetween = (before: unknown, now: unknown, path: string): readonly string[] => {
  const written: unknown = now === undefined ? undefined : JSON.parse(JSON.stringify(now));
  return changes(before, written, path);
};
