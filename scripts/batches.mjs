/**
 * `npm run bench:batches -- NAME`: looks for the name in the README's table of presets first, because the build before the
 * benchmark takes a minute.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);

const presetNames = () => {
  const [, table] = readFileSync(`${root}README.md`, 'utf8').split(/<!-- presets:(?:begin|end) -->/);
  return [...table.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
};

const run = (...command) => {
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

const [name] = args;
if (name !== undefined && !name.startsWith('-') && !presetNames().includes(name)) {
  console.error(`no preset '${name}'; there are ${presetNames().join(', ')}`);
  process.exit(1);
}
run('scripts/setup.mjs');
run('scripts/build.mjs');
run('dist/bench/batches.js', ...args);
