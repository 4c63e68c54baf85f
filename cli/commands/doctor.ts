import { arch, cpus, freemem, platform, totalmem } from 'node:os';
import type { Command } from 'commander';
import { startEngine } from '../load.js';
import { print, showBytes, table } from '../print.js';
import { version } from '../version.js';

/** `renga doctor`: what renga runs on here. */
export const doctor = (program: Command): void => {
  program
    .command('doctor')
    .description('show what renga runs on here: versions, backend, threads, memory')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const info = await startEngine();
      const facts = {
        renga: version,
        node: process.version,
        platform: `${platform()} ${arch()}`,
        cores: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
        memory: `${showBytes(totalmem())}, ${showBytes(freemem())} free`,
        backend: info.reason ? `${info.backend} (${info.reason})` : info.backend,
        simd: info.simd ? 'yes' : 'no',
        threads: `${info.threads}`,
      };
      print(json, facts, () => table(['', ''], Object.entries(facts)).trimStart());
    });
};
