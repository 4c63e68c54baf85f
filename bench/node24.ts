/**
 * Node 24, whose V8 can be told to join pairs of 128-bit operations: the library and onnxruntime under it, beside those
 * under the Node that runs the benchmark.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineSpec, library } from './engines/index.js';
import { modules } from './folders.js';

/** As pinned as the other peers. */
export const node24Version = '24.21.0';

const folder = join(modules, '.node24');
const platform = process.platform === 'win32' ? 'win' : process.platform;
const name = `node-${platform}-${process.arch}`;
const program = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Fetches it where it is not there yet. @throws Error when it cannot be had */
export const installNode24 = (): void => {
  if (existsSync(program)) return;
  console.error('installing Node 24 ...');
  mkdirSync(folder, { recursive: true });
  // A package of its own, or npm would add it to the one around it.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const { status } = spawnSync(
    'npm',
    ['i', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${node24Version}`],
    {
      cwd: folder,
      stdio: ['ignore', process.stderr, process.stderr],
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0 || !existsSync(program))
    throw new Error(`${name}@${node24Version} could not be installed`);
};

const under = (spec: EngineSpec, suffix = '', more: Partial<EngineSpec> = {}): EngineSpec => ({
  ...spec,
  name: `${spec.name} on Node 24${suffix}`,
  node: program,
  ...more,
});

/** V8's flag, and the build of the kernels that it was made for. */
const wide: Partial<EngineSpec> = {
  flags: ['--experimental-wasm-revectorize'],
  env: { RENGA_KERNELS: 'wide' },
};

/** The library without V8's flag and with it, and onnxruntime. */
export const engines24 = (chosen: readonly EngineSpec[]): readonly EngineSpec[] =>
  chosen.flatMap((spec) => {
    if (spec.name === library) return [under(spec), under(spec, ' with its flag', wide)];
    return spec.name === 'onnxruntime-node' ? [under(spec)] : [];
  });
