/**
 * Makes the peers ready: installs what their lockfile says where that has not been done, and bundles their engines.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineSpec } from './engines/index.js';
import { built, modules, peers, sources } from './folders.js';

/** Packages' own install scripts would download what is not needed here. */
const install = (): void => {
  const [lock, marker] = [join(peers, 'package-lock.json'), join(modules, '.package-lock.json')];
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs) return;
  console.error('installing what is compared with (half a gigabyte) ...');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', args, {
    cwd: peers,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ci in ${peers} ended with ${status}`);
  utimesSync(marker, new Date(), new Date());
};

/** tfjs goes into the bundle, as ES modules, so that there is one copy of it with all its gradients. */
const bundle = async (engines: readonly EngineSpec[]): Promise<void> => {
  const { build } = await import('esbuild');
  const ours = engines.filter(({ source }) => source !== undefined);
  await build({
    entryPoints: Object.fromEntries(ours.map(({ name, source }) => [name, join(sources, source as string)])),
    outdir: built,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    nodePaths: [modules],
    external: ['onnxruntime-node', 'onnxruntime-web', '@jax-js/jax'],
    plugins: [
      {
        name: 'pinned tfjs',
        setup: ({ onResolve, resolve }) =>
          onResolve({ filter: /^@tensorflow\// }, ({ path, kind, pluginData }) =>
            pluginData === 'pinned'
              ? undefined
              : resolve(path, { kind, resolveDir: peers, pluginData: 'pinned' }),
          ),
      },
    ],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; import { fileURLToPath as __toPath } from 'node:url'; import { dirname as __dirnameOf } from 'node:path'; const require = __createRequire(import.meta.url); const __filename = __toPath(import.meta.url); const __dirname = __dirnameOf(__filename);",
    },
    logLevel: 'error',
  });
};

/** Installs and bundles what the chosen engines need. */
export const makeReady = async (engines: readonly EngineSpec[]): Promise<void> => {
  if (engines.every(({ source }) => source === undefined)) return;
  install();
  await bundle(engines);
};
