/**
 * The pinned trees of all layers, `trees.json`: every parameter's shape and initializer and every state entry's shape,
 * so that a name or a shape never changes unseen. `npm run trees` renews the file.
 */
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { showShape } from '../../lib/data/shape.js';
import { flatten } from '../../lib/data/tree.js';
import { outline } from '../../lib/language/outline.js';
import { type Descriptor, descriptors } from './descriptors.js';

export const treesFile = 'test/modules/trees.json';

/** Parameters and state by their paths, in words. */
export type PinnedTree = Readonly<Record<'params' | 'state', Readonly<Record<string, string>>>>;

/** The tree of one layer as it is pinned. */
export const treeOf = ({ layer, inputs }: Descriptor): PinnedTree => {
  const { params, state } = outline(layer, inputs as never);
  return {
    params: Object.fromEntries(
      flatten(params).map(([path, { shape, initializer }]) => [
        path,
        `${showShape(shape)} ${initializer.kind}`,
      ]),
    ),
    state: Object.fromEntries(
      flatten(state).map(([path, { shape, dtype = 'float32' }]) => [path, `${showShape(shape)} ${dtype}`]),
    ),
  };
};

/** All trees of today, as the file holds them. */
export const treesText = (): string =>
  `${JSON.stringify(Object.fromEntries(Object.entries(descriptors()).map(([name, one]) => [name, treeOf(one)])), null, 2)}\n`;

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { engine } = await import('../../lib/engine/index.js');
  await engine();
  writeFileSync(treesFile, treesText());
  console.log(`${treesFile} is renewed`);
}
