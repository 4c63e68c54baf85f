/**
 * Values of StableHLO programs: their names, shapes and element types, and how types and numbers are spelled.
 */
import { isSymbolic, type Size } from '../graph/size.js';
import type { ValueType } from '../graph/graph.js';

/** Element types: floats, of 64 bits for draws that are rounded once; whole numbers with and without sign, truth values. */
export type ElementType = 'f32' | 'f64' | 'i32' | 'ui32' | 'i1';

/** A shape with an element type. */
export interface Typed {
  readonly shape: readonly Size[];
  readonly type: ElementType;
}

/** A value of a program. */
export interface Ref extends Typed {
  /** `%name` */
  readonly name: string;
  /** The number that all its elements are, for constants of one number. */
  readonly number?: number;
}

const elementTypes = { float32: 'f32', int32: 'i32', bool: 'i1' } as const;

/** The element type of a dtype. */
export const elementTypeOf = (dtype: ValueType): ElementType => elementTypes[dtype];

/** A list as text: `[1, 2]`. */
export const list = (values: readonly unknown[]): string => `[${values.join(', ')}]`;

/** A type as text: `tensor<?x3xf32>`. */
export const typeText = ({ shape, type }: Typed): string =>
  `tensor<${shape.map((size) => `${isSymbolic(size) ? '?' : size}x`).join('')}${type}>`;

const bits = (value: number): string => {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return `0x${view.getUint32(0).toString(16).toUpperCase().padStart(8, '0')}`;
};

/** A float with a point in it, as the text format wants them; the bits of those that have no digits. */
const floatText = (value: number): string => {
  if (!Number.isFinite(value)) return bits(value);
  const [digits, exponent] = (Object.is(value, -0) ? '-0' : String(value)).split('e');
  const whole = digits.includes('.') ? digits : `${digits}.0`;
  return exponent === undefined ? whole : `${whole}e${exponent}`;
};

/** A number as text. */
export const numberText = (value: number, type: ElementType): string => {
  if (type === 'f32' || type === 'f64') return floatText(value);
  if (type === 'i1') return value === 0 ? 'false' : 'true';
  return String(type === 'ui32' ? value >>> 0 : Math.trunc(value));
};

/** True where a shape has sizes that are not known until the program runs. */
export const isOpen = (shape: readonly Size[]): boolean => shape.some(isSymbolic);
