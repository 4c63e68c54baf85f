/**
 * A project of somebody who uses the package: a folder in which nothing but the package and what it depends on can be
 * imported.
 */
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's own folder; compiled tests are in its `dist/test`. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The package's package.json. */
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
};

/** Puts a folder under a name into another one's node_modules. */
export const link = (folder: string, name: string, target: string): void => {
  const path = join(folder, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, 'junction');
};

/** Puts what the package depends on, and nothing else, into a folder's node_modules. */
export const linkDependencies = (folder: string): void => {
  for (const name of Object.keys(manifest.dependencies)) link(folder, name, join(root, 'node_modules', name));
};

/** Puts the package itself there, as it was built. */
export const linkPackage = (folder: string): void => link(folder, 'renga', root);
