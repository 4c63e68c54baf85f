/**
 * Makes a fresh clone ready: installs what the lockfile says when it is not installed yet. Uses nothing but Node.
 */
import { existsSync, statSync, utimesSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

const lock = 'package-lock.json';
const marker = 'node_modules/.package-lock.json';
const isCurrent = existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs;
if (!isCurrent) {
  console.log('installing dependencies ...');
  const { status } = spawnSync(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) process.exit(status ?? 1);
  utimesSync(marker, new Date(), new Date());
}
