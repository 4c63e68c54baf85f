/**
 * Compiles the sources into dist, from scratch, puts beside them the kernels and the data files that presets read, and
 * bundles the command line. With `--fast`, types are taken off without being checked, and there are no tests, no
 * declarations and no bundle.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { assemble } from './assemble.mjs';
import { bundle } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const assembly = join(root, 'lib', 'engine', 'assembly');

const compile = async () => {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const [status] = await once(spawn(process.execPath, [tsc, '-p', root], { stdio: 'inherit' }), 'close');
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

const isFast = process.argv.includes('--fast');
rmSync(dist, { recursive: true, force: true });
if (isFast) transpile();
// The compiler is a process of its own.
await Promise.all([isFast ? undefined : compile(), assemble(dist)]);
cpSync(join(root, 'presets'), join(dist, 'presets'), {
  recursive: true,
  filter: (path) => !path.endsWith('.ts'),
});
if (!isFast) await bundle(dist);
chmodSync(join(dist, 'cli', 'renga.js'), 0o755);
