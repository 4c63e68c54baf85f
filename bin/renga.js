#!/usr/bin/env node
/**
 * The program that npm installs. It is a committed file, since npm links a package's program once: before the first
 * build it says what to do, and afterwards it runs what was built.
 */
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/renga.js', import.meta.url);

if (existsSync(built)) await import(built.href);
else {
  console.error('renga: the program is not built yet; npm run build builds it');
  process.exitCode = 1;
}
