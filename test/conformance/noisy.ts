/** Parameters moved off their initial values, so that none can be left out or exchanged unnoticed. */
import { float32, type HostArray, toFloat32 } from '../../lib/data/array.js';
import type { Params } from '../../lib/data/leaf.js';
import { foldIn, key, uniform } from '../../lib/random/index.js';
import { flatten, unflatten } from '../../lib/data/tree.js';

const moved = (leaf: HostArray, index: number): HostArray => {
  const noise = uniform(foldIn(key(5), index), leaf.shape, { min: 0, max: 0.1 }).data;
  return float32(
    leaf.shape,
    toFloat32(leaf).map((value, i) => value + noise[i]),
  );
};

/** The same tree, each value a little larger. */
export const noisy = (params: Params<HostArray>): Params<HostArray> =>
  unflatten(flatten(params).map(([path, leaf], i) => [path, moved(leaf, i)] as const)) as Params<HostArray>;
