/**
 * Makes the peers ready: installs what their lockfile says where that has not been done, and bundles their engines.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineSpec } from './engines/index.js';
import { built, builtForPages, modules, peers, sources } from './folders.js';

/** Packages' own install scripts would download what is not needed here. */
export const install = (): void => {
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

type Plugin = import('esbuild').Plugin;

/** The copy of tfjs that was pinned with the peers, whatever the library itself depends on. */
const pinnedTfjs: Plugin = {
  name: 'pinned tfjs',
  setup: ({ onResolve, resolve }) =>
    onResolve({ filter: /^@tensorflow\// }, ({ path, kind, importer, pluginData }) =>
      pluginData === 'pinned' || !importer.startsWith(sources)
        ? undefined
        : resolve(path, { kind, resolveDir: peers, pluginData: 'pinned' }),
    ),
};

/** Replacements in a page for modules of Node. */
const inPages: Plugin = {
  name: 'in pages',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/serve\.js$/ }, () => ({ path: join(sources, 'page', 'serve.ts') }));
    onResolve({ filter: /\/webWorkers\.js$/ }, () => ({ path: join(sources, 'page', 'workers.ts') }));
    onResolve({ filter: /^onnxruntime-web$/ }, () => ({ path: '/ort/ort.wasm.min.mjs', external: true }));
    onResolve({ filter: /^@jax-js\/jax$/ }, () => ({ path: '/jax-js/index.js', external: true }));
  },
};

/** tfjs goes into the bundles, as ES modules, so that there is one copy of it with all its gradients. */
const common: import('esbuild').BuildOptions = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  mainFields: ['module', 'main'],
  nodePaths: [modules],
  logLevel: 'error',
};

/** Bundles for Node of the engines that are not compiled with the library. */
const bundleForNode = async (engines: readonly EngineSpec[]): Promise<void> => {
  const { build } = await import('esbuild');
  const ours = engines.filter(({ source }) => source !== undefined);
  await build({
    ...common,
    entryPoints: Object.fromEntries(ours.map(({ name, source }) => [name, join(sources, source as string)])),
    outdir: built,
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    external: ['onnxruntime-node', 'onnxruntime-web', '@jax-js/jax'],
    plugins: [pinnedTfjs],
    // tfjs's glue is CommonJS.
    banner: {
      js: [
        "import { createRequire } from 'node:module';",
        "import { fileURLToPath } from 'node:url';",
        'const require = createRequire(import.meta.url);',
        'const __filename = fileURLToPath(import.meta.url);',
        "const __dirname = fileURLToPath(new URL('.', import.meta.url));",
      ].join('\n'),
    },
  });
};

/** Bundles for pages of all engines that run there. */
const bundleForPages = async (engines: readonly EngineSpec[]): Promise<void> => {
  const { build } = await import('esbuild');
  await build({
    ...common,
    entryPoints: Object.fromEntries(
      engines.map(({ name, source, program }) => [name, source ? join(sources, source) : program]),
    ),
    outdir: builtForPages,
    platform: 'browser',
    plugins: [inPages, pinnedTfjs],
    define: {
      'process.env.BENCH_TFJS_WASM': '"/tfjs/"',
      'process.env.BENCH_RENGA_WASM': '"/renga/"',
    },
  });
};

/** Installs and bundles what the chosen engines need. */
export const makeReady = async (
  engines: readonly EngineSpec[],
  inPages: readonly EngineSpec[],
): Promise<void> => {
  if (inPages.length === 0 && engines.every(({ source }) => source === undefined)) return;
  install();
  await bundleForNode(engines);
  if (inPages.length > 0) await bundleForPages(inPages);
};
