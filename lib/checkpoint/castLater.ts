/**
 * Trees whose floats are of another type when they are asked for: each array is cast as it is written, so that a file
 * larger than the memory can be cast. Integers and bools stay what they are.
 */
import { type HostArray, toFloat32 } from '../data/array.js';
import { mapWithPath, type Tree } from '../data/tree.js';
import { castArray } from '../data/treeArrays.js';
import { unheld } from '../data/unheld.js';
import { refuseTree } from './valueTree.js';

/** Element types that parameters are cast to. */
export const floatTypes = ['float64', 'float32', 'float16', 'bfloat16'] as const;

export type FloatType = (typeof floatTypes)[number];

const isFloat = ({ dtype }: HostArray): boolean => floatTypes.some((type) => type === dtype);

/**
 * The tree with its floats as `dtype`, each the nearest that there is. Asking for the `data` of an array throws, with
 * its path, when a finite number of it is too large for that type.
 */
export const castLater = (tree: Tree<HostArray>, dtype: FloatType): Tree<HostArray> =>
  mapWithPath(tree, (path, leaf) =>
    isFloat(leaf) && leaf.dtype !== dtype ? castLeaf(leaf, dtype, path) : leaf,
  );

const castLeaf = (leaf: HostArray, dtype: FloatType, path: string): HostArray => ({
  shape: leaf.shape,
  dtype,
  get data() {
    const { data } = castArray(leaf, dtype);
    checkRange(leaf, data as ArrayLike<number>, dtype, path);
    return data;
  },
});

const checkRange = (leaf: HostArray, cast: ArrayLike<number>, dtype: FloatType, path: string): void => {
  const numbers = leaf.dtype === 'float64' ? (leaf.data as Float64Array) : toFloat32(leaf);
  const found = unheld(numbers, cast, dtype);
  if (found !== undefined)
    refuseTree([{ path, found: `the number ${found}`, expected: `numbers that ${dtype} can hold` }]);
};
