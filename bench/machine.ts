/** The machine and versions that figures were measured with. */
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { version } from '../lib/data/version.js';
import { peers } from './folders.js';

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

/** As they are pinned. */
const peerVersions = (): Readonly<Record<string, string>> =>
  (
    JSON.parse(readFileSync(join(peers, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    }
  ).dependencies;

/** Of what runs the benchmark, and of what it is compared with. */
export const versions = (): Readonly<Record<string, string>> => ({
  renga: version,
  node: process.versions.node,
  v8: process.versions.v8,
  ...peerVersions(),
});
