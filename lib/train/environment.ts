/**
 * The environment of a run, on which its bits depend as they do on its arrays: the backend, its kernels, its threads, the
 * JavaScript engine, the version of this library. And the comparison of recipes.
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

/** @throws Error where no engine runs */
export const currentEnvironment = (): Environment => {
  const info = engineInfo();
  if (!info) throw new Error('no engine runs yet: call await engine() first');
  const { backend, kernels, threads } = info;
  return { backend, kernels, threads, host: hostName(), renga: version };
};

/** The differences of an environment from the one that runs, a sentence each. */
export const differences = (before: Environment): readonly string[] => {
  const now = currentEnvironment();
  return (['backend', 'kernels', 'threads', 'host', 'renga'] as const)
    .filter((name) => before[name] !== now[name])
    .map((name) => `the checkpoint is of ${name} ${before[name]}, and ${now[name]} runs: bits may differ`);
};

/** JSON with the names of each object in order. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, canonical(each)]));
};

/** Tells whether two recipes are the same as JSON; the order of names does not matter. */
export const sameRecipe = (a: unknown, b: unknown): boolean =>
  JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
