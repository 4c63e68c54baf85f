/**
 * What the figures were measured on.
 */
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { version } from '../../cli/version.js';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  /** Mean number of busy processes in the minute before; null where that is not known. More than a few tenths disturb. */
  readonly load: number | null;
  readonly date: string;
}

export const machine = (): Machine => ({
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryBytes: totalmem(),
  system: `${platform()} ${release()} ${arch()}`,
  load: platform() === 'win32' ? null : loadavg()[0],
  date: new Date().toISOString(),
});

/** Of what runs the benchmark; engines add their own. */
export const ownVersions = (): Readonly<Record<string, string>> => ({
  renga: version,
  node: process.versions.node,
  v8: process.versions.v8,
});
