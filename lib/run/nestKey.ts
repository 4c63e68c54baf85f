/**
 * Nests as text: two nests have the same text where a function that is traced with them gives the same program.
 */
import { isPacked, isRecord, mapNest } from '../data/nest.js';
import { isKey } from '../graph/traceFunction.js';
import { isPart, typeOf } from './runtimeState.js';

/** Numbers for objects of which only the identity is known, such as functions. */
const identities = new WeakMap<object, number>();
let count = 0;

const identityOf = (value: object): number => {
  const known = identities.get(value) ?? count++;
  identities.set(value, known);
  return known;
};

const textOf = (_name: string, value: unknown): unknown => {
  if (typeof value === 'function') return { function: identityOf(value) };
  if (value === undefined || typeof value === 'bigint' || Object.is(value, -0) || Number.isNaN(value))
    return { value: Object.is(value, -0) ? '-0' : String(value) };
  if (value === Infinity || value === -Infinity) return { value: String(value) };
  if (isPacked(value)) return { layout: value.layout, matrix: value.matrix };
  const isData = !isRecord(value) || ArrayBuffer.isView(value);
  const prototype: unknown = isData ? null : Object.getPrototypeOf(value);
  return isData || prototype === null || prototype === Object.prototype
    ? value
    : { object: identityOf(value) };
};

/** The shapes and types of a nest's arrays in their order, and the values of all other parts, which a program holds. */
export const nestKey = (nest: unknown): string =>
  JSON.stringify(
    mapNest(nest, isPart, (part) =>
      isKey(part) ? { key: part.mode } : [typeOf(part), part.dtype, part.shape],
    ),
    textOf,
  );
