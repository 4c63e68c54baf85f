#!/usr/bin/env node
/**
 * The program that npm installs. It is a committed file, since npm links a package's program once: before the first
 * build it says what to do, and afterwards it runs what was built: the bundle, which starts faster, or the modules where
 * a person's own model is to share them with the command, or where stacks are wanted.
 */
import { existsSync } from 'node:fs';

const wantsModules =
  process.env.RENGA_DEBUG !== undefined || process.argv.some((each) => /^--model(=|$)/.test(each));

const built = ['bundle/renga.js', 'renga.js']
  .slice(wantsModules ? 1 : 0)
  .map((path) => new URL(`../dist/cli/${path}`, import.meta.url))
  .find((path) => existsSync(path));

if (built) await import(built.href);
else {
  console.error('renga: the program is not built yet; npm run build builds it');
  process.exitCode = 1;
}
