/**
 * Trees whose floats are of another type when they are asked for: each array is cast as it is written, so that a file
 * larger than the memory can be cast. Integers and bools stay what they are.
 */
import { bytesPerElement, type HostArray, toFloat32 } from '../data/array.js';
import { mapWithPath, type Tree } from '../data/tree.js';
import { castArray } from '../data/treeArrays.js';
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

/** The bits of infinity without the sign, where elements are bits; others are numbers. */
const infinity: Readonly<Record<FloatType, number>> = {
  float64: Infinity,
  float32: Infinity,
  float16: 0x7c00,
  bfloat16: 0x7f80,
};

const checkRange = (leaf: HostArray, cast: ArrayLike<number>, dtype: FloatType, path: string): void => {
  const isBits = bytesPerElement[dtype] === 2;
  const isInfinite = (n: number): boolean => (isBits ? n & 0x7fff : Math.abs(n)) === infinity[dtype];
  for (let i = 0; i < cast.length; i++) {
    if (!isInfinite(cast[i])) continue;
    const found = leaf.dtype === 'float64' ? Number(leaf.data[i]) : toFloat32(leaf)[i];
    if (Number.isFinite(found))
      refuseTree([{ path, found: `the number ${found}`, expected: `numbers that ${dtype} can hold` }]);
  }
};
