/**
 * NumPy's names of element types (`<f4`, `|b1`, …) and the dtypes that they stand for here.
 *
 * NumPy writes a bfloat16 array as two raw bytes an element, `V2`. Two raw bytes are therefore read as bfloat16, as
 * `jax.numpy.load` reads them.
 */
import type { DType } from '../data/array.js';

export interface ElementType {
  readonly dtype: DType;
  readonly isLittleEndian: boolean;
}

const names: ReadonlyMap<string, DType> = new Map<string, DType>([
  ['f8', 'float64'],
  ['f4', 'float32'],
  ['f2', 'float16'],
  ['V2', 'bfloat16'],
  ['i8', 'int64'],
  ['i4', 'int32'],
  ['i2', 'int16'],
  ['i1', 'int8'],
  ['u8', 'uint64'],
  ['u4', 'uint32'],
  ['u2', 'uint16'],
  ['u1', 'uint8'],
  ['b1', 'bool'],
]);

const codes: ReadonlyMap<DType, string> = new Map([...names].map(([code, dtype]) => [dtype, code]));

/** The element type of NumPy's `<f4`, `f4`, `float32`, `bfloat16`, …; undefined for what arrays here cannot hold. */
export const parseElementType = (name: string): ElementType | undefined => {
  const [, order, code] = /^([<>=|]?)([A-Za-z]\w*)$/.exec(name) ?? [];
  const dtype = names.get(code) ?? (codes.has(code as DType) ? (code as DType) : undefined);
  return dtype && { dtype, isLittleEndian: order !== '>' };
};

/** NumPy's name of a dtype in little-endian order, as its own writer spells it. */
export const formatElementType = (dtype: DType): string =>
  `${dtype === 'bool' || dtype === 'int8' || dtype === 'uint8' ? '|' : '<'}${codes.get(dtype)}`;
