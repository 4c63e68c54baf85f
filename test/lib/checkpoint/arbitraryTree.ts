/**
 * Random trees of every element type, held in every way that files hold arrays; and trees as plain data, bit by bit, to
 * compare.
 */
import * as fc from '../../property.js';
import {
  bytesPerElement,
  type DType,
  type HostArray,
  sizeOf,
  type TypedArray,
} from '../../../lib/data/array.js';
import { columnMajorStrides, FileArray } from '../../../lib/checkpoint/fileArray.js';
import type { Tree } from '../../../lib/data/tree.js';

const dtypes = Object.keys(bytesPerElement) as DType[];

/** An array of random bytes (bools of 0 and 1), of either byte order and either order of axes. */
export const anyArray: fc.Arbitrary<HostArray> = fc
  .record({
    dtype: fc.constantFrom(...dtypes),
    shape: fc.array(fc.nat(3), { maxLength: 3 }),
    isLittleEndian: fc.boolean(),
    isColumnMajor: fc.boolean(),
    offset: fc.nat(9),
  })
  .chain(({ dtype, shape, isLittleEndian, isColumnMajor, offset }) => {
    const length = sizeOf(shape) * bytesPerElement[dtype];
    const byte = dtype === 'bool' ? fc.nat(1) : fc.nat(255);
    return fc.array(byte, { minLength: offset + length, maxLength: offset + length }).map((bytes) => {
      const layout = { dtype, shape, isLittleEndian, bytes: Uint8Array.from(bytes).subarray(offset) };
      return new FileArray(isColumnMajor ? { ...layout, strides: columnMajorStrides(shape) } : layout);
    });
  });

/** A name that every format can hold: of any characters, long ones among them. */
export const anyName: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
    fc.string({ unit: 'grapheme-ascii', minLength: 300, maxLength: 300 }),
    fc.constantFrom('w', 'b', 'constructor', 'toString', '1', '0', '__metadata__', '..', ' ', 'a.b'),
  )
  .filter((text) => !/[/\p{Surrogate}]/u.test(text) && text !== '__proto__');

const anyModule: fc.Arbitrary<string> = fc.oneof(
  fc.array(anyName, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  fc.constantFrom('params', 'state', 'params/linear', 'experiment_module', '../x', '~'),
);

const dictionary = <A>(name: fc.Arbitrary<string>, value: fc.Arbitrary<A>, minKeys: number) =>
  fc.dictionary(name, value, { minKeys, maxKeys: 3, noNullPrototype: true });

/** A colon in a leaf's name would part it, as it does GraphCast's names. */
const anyLeaf = anyName.filter((name) => !name.includes(':'));

/** Trees whose modules have leaves, and trees that may have modules without. */
export const anyTree = (leastLeaves: 0 | 1): fc.Arbitrary<Tree<HostArray>> =>
  dictionary(anyModule, dictionary(anyLeaf, anyArray, leastLeaves), 0);

const bits = ({ buffer, byteOffset, byteLength }: TypedArray): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('hex');

/** Names in their order, shapes, element types and bits. */
export const plainTree = (tree: Tree<HostArray>) =>
  Object.entries(tree).map(([module, leaves]) => [
    module,
    Object.entries(leaves).map(([leaf, { dtype, shape, data }]) => [leaf, dtype, [...shape], bits(data)]),
  ]);
