/** Folders of the benchmark: its sources, its peers, and programs made of them. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository; this file runs from dist/bench. */
export const root = fileURLToPath(new URL('../../', import.meta.url));
export const sources = join(root, 'bench');
export const peers = join(sources, 'peers');
export const modules = join(peers, 'node_modules');
/** Bundled engines; inside of node_modules so that they find the peers' packages, and so that nobody looks there. */
export const built = join(modules, '.bench');
/** The same for pages. */
export const builtForPages = join(built, 'pages');
export const compiled = fileURLToPath(new URL('./', import.meta.url));
