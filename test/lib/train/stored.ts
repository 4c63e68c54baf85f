/** Parameters of a small tree after updates by optax: see test/data/optaxUpdates.py. */
import { readFileSync } from 'node:fs';
import { float32, type HostArray } from '../../../lib/data/array.js';
import { type Tree, unflatten } from '../../../lib/data/tree.js';

type Lists = Readonly<Record<string, readonly number[]>>;

interface Stored {
  readonly params: Lists;
  readonly grads: readonly Lists[];
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly transformations: Readonly<Record<string, readonly Lists[]>>;
  readonly schedules: Readonly<Record<string, readonly number[]>>;
}

const stored = JSON.parse(readFileSync('test/data/optaxUpdates.json', 'utf8')) as Stored;

export const { transformations, schedules } = stored;

export const treeOf = (lists: Lists): Tree<HostArray> =>
  unflatten(Object.entries(lists).map(([path, values]) => [path, float32(stored.shapes[path], values)]));

export const params = treeOf(stored.params);

export const grads = stored.grads.map(treeOf);
