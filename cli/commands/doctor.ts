/** `renga doctor`: versions, engine and machine. */
import { arch, cpus, freemem, platform, totalmem } from 'node:os';
import type { Command } from 'commander';
import type { EngineInfo } from '../../lib/engine/index.js';
import { showBytes } from '../../lib/data/quantities.js';
import { runtimeFor, versionOf } from '../engine.js';
import { startEngine } from '../load.js';
import { print, table } from '../print.js';
import { version } from '../../lib/data/version.js';

type Facts = EngineInfo & {
  readonly renga: string;
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  readonly processor: string;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  /** The version of onnxruntime-node; null if it is not installed. */
  readonly onnxruntime: string | null;
};

const text = ({ renga, node, platform, backend, reason, simd, kernels, ...machine }: Facts): string =>
  table(
    ['', ''],
    [
      ['renga', renga],
      ['node', node],
      ['platform', platform],
      ['cores', `${machine.cores} × ${machine.processor}`],
      ['memory', `${showBytes(machine.memoryBytes)}, ${showBytes(machine.freeMemoryBytes)} free`],
      ['backend', reason ? `${backend} (${reason})` : backend],
      ['simd', simd ? 'yes' : 'no'],
      ['kernels', kernels],
      ['threads', machine.oneThread ? `${machine.threads} (${machine.oneThread})` : `${machine.threads}`],
      [
        'onnxruntime',
        machine.onnxruntime
          ? `${machine.onnxruntime}: commands compute with it unless --engine says otherwise`
          : 'not installed: npm install --ignore-scripts onnxruntime-node',
      ],
    ],
  ).trimStart();

/** Adds `renga doctor`. */
export const doctor = (program: Command): void => {
  program
    .command('doctor')
    .description('show versions, backend, kernels, threads and memory of this machine')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const info = await startEngine();
      const runtime = await runtimeFor(undefined);
      const facts = {
        renga: version,
        node: process.version,
        platform: `${platform()} ${arch()}`,
        cores: cpus().length,
        processor: cpus()[0]?.model.trim() ?? 'unknown',
        memoryBytes: totalmem(),
        freeMemoryBytes: freemem(),
        onnxruntime: runtime ? versionOf(runtime) : null,
        ...info,
      };
      print(json, facts, () => text(facts));
    });
};
