/**
 * The header of an `.npy` array: a Python dict of an element type, an order and a shape. It is read by its own small
 * grammar; nothing is evaluated.
 *
 * Source: NumPy's `lib/format.py`, versions 1.0 to 3.0.
 */
import type { Shape } from '../data/array.js';

/** The values of the three keys, before they are checked against the array's bytes. */
export interface NpyHeader {
  /** `<f4` and the like; undefined when it is a list, which a structured type is. */
  readonly descr: string | undefined;
  readonly isColumnMajor: boolean;
  readonly shape: Shape;
}

/** The header that a text holds; undefined when it is not exactly a dict of the three keys. */
export const parseNpyHeader = (text: string): NpyHeader | undefined => {
  const body = /^\{(.*)\}\s*$/s.exec(text.trimStart())?.[1];
  if (body === undefined) return undefined;
  const found = new Map<string, string>();
  let rest = body;
  while (rest.trim() !== '') {
    const [whole, key, item] = entry.exec(rest) ?? [];
    if (whole === undefined || found.has(key)) return undefined;
    found.set(key, item);
    rest = rest.slice(whole.length);
  }
  return found.size === 3 ? header(found) : undefined;
};

/** One of the three keys with its value, and the comma that parts it from the next. */
const entry =
  /^\s*['"](descr|fortran_order|shape)['"]\s*:\s*('[^'\\]*'|"[^"\\]*"|\[.*?\]|True|False|\([^()]*\))\s*(?:,|$)/s;

const header = (found: ReadonlyMap<string, string>): NpyHeader | undefined => {
  const [descr, order, dims] = ['descr', 'fortran_order', 'shape'].map((key) => found.get(key) ?? '');
  const shape = parseShape(dims);
  const isSound = /^['"[]/.test(descr) && /^(True|False)$/.test(order) && shape !== undefined;
  if (!isSound) return undefined;
  return {
    descr: descr.startsWith('[') ? undefined : descr.slice(1, -1),
    isColumnMajor: order === 'True',
    shape,
  };
};

/** `()`, `(3,)`, `(3, 4)`; Python 2 wrote `3L`. */
const parseShape = (text: string): Shape | undefined => {
  const dims = /^\((.*)\)$/s.exec(text)?.[1].trim();
  if (dims === undefined) return undefined;
  if (dims === '') return [];
  const parts = dims.replace(/,$/, '').split(',');
  const isTuple = parts.length > 1 || dims.endsWith(',');
  return isTuple && parts.every((n) => /^\s*\d{1,16}L?\s*$/.test(n))
    ? parts.map((n) => Number(n.replace('L', '')))
    : undefined;
};

/** The header as NumPy writes it, without padding. */
export const formatNpyHeader = (descr: string, shape: Shape): string =>
  `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
