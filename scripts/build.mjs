/**
 * Compiles the sources into dist, from scratch, and puts beside them the data files that presets read. With
 * `--package`, only what the package holds: no tests.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const project = process.argv.includes('--package') ? 'tsconfig.package.json' : 'tsconfig.json';
const isData = (path) => !path.endsWith('.ts');

rmSync(dist, { recursive: true, force: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, project)], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
cpSync(join(root, 'presets'), join(dist, 'presets'), { recursive: true, filter: isData });
chmodSync(join(dist, 'cli', 'renga.js'), 0o755);
