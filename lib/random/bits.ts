/** Random bits, of three widths. */
import { type HostArray, type Shape, array, sizeOf } from '../data/array.js';
import { showShape } from '../data/shape.js';
import { fillWords } from './fill.js';
import { type Key, expectCount } from './key.js';
import { openDraw } from './openWords.js';

/** All 32-bit words of a draw of `size` words. */
export const randomWords = (key: Key, size: number): Uint32Array => {
  const out = new Uint32Array(size);
  fillWords(key, out);
  return out;
};

/** Number of elements of a draw's shape. @throws RangeError when a dimension is not a count */
export const drawSize = (shape: Shape): number => {
  shape.forEach((n, axis) => expectCount(`dimension ${axis} of shape ${showShape(shape)}`, n));
  return sizeOf(shape);
};

/**
 * The first `size` bytes or shorts that a draw's words hold: in partitionable mode one word an element, cut
 * short; in legacy mode every word whole, its low bits first.
 */
const narrow = (key: Key, size: number, width: 8 | 16): Uint8Array | Uint16Array => {
  const out = width === 8 ? new Uint8Array(size) : new Uint16Array(size);
  if (key.mode === 'partitionable') {
    out.set(randomWords(key, size));
    return out;
  }
  const perWord = 32 / width;
  const words = randomWords(key, Math.ceil(size / perWord));
  for (let i = 0; i < size; i++) out[i] = words[Math.floor(i / perWord)] >>> (width * (i % perWord));
  return out;
};

/**
 * Uniform random bits.
 * @param shape any shape; `[]` is a scalar
 * @returns unsigned integers of `width` bits
 * @throws RangeError when a dimension is not a count
 * Source: jax.random.bits.
 */
export function bits(key: Key, shape: Shape, width: 8): HostArray<'uint8'>;
export function bits(key: Key, shape: Shape, width: 16): HostArray<'uint16'>;
export function bits(key: Key, shape: Shape, width?: 32): HostArray<'uint32'>;
export function bits(key: Key, shape: Shape, width: 8 | 16 | 32 = 32): HostArray {
  const size = drawSize(shape);
  const open = openDraw(key, { kind: 'bits', shape, width });
  if (open) return open;
  if (width === 32) return array(shape, 'uint32', randomWords(key, size));
  return array(shape, width === 8 ? 'uint8' : 'uint16', narrow(key, size, width));
}
