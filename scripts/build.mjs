/**
 * Compiles the sources into dist, from scratch, and puts beside them the kernels and the data files that presets read.
 * With `--fast`, types are taken off without being checked, and there are no tests and no declarations.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { assemble } from './assemble.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const assembly = join(root, 'lib', 'engine', 'assembly');

const check = () => {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', root], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

const transpile = () => {
  const sources = ['lib', 'modules', 'presets', 'cli'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((file) => join(root, folder, file)),
  );
  const isSource = (file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.startsWith(assembly);
  const entryPoints = sources.filter(isSource);
  buildSync({ entryPoints, outdir: dist, outbase: root, format: 'esm', target: 'es2022', sourcemap: true });
};

rmSync(dist, { recursive: true, force: true });
if (process.argv.includes('--fast')) transpile();
else check();
await assemble(dist);
cpSync(join(root, 'presets'), join(dist, 'presets'), {
  recursive: true,
  filter: (path) => !path.endsWith('.ts'),
});
chmodSync(join(dist, 'cli', 'renga.js'), 0o755);
