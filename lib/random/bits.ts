/**
 * Random bits: which counters a draw of n elements hashes, in both of JAX's modes. All distributions read their
 * bits through `eachChunk`, a few thousand words at a time, so that a large draw needs no large temporary.
 */
import { type HostArray, type Shape, array, sizeOf } from '../array.js';
import { type Key, expectCount } from './key.js';
import { threefry2x32 } from './threefry.js';

/** Words hashed at once: two scratch buffers of this size stay in the first-level cache. */
const CHUNK = 2048;

/** Receives the words of elements [offset, offset + count), in words[0..count). */
type Visit = (words: Uint32Array, offset: number, count: number) => void;

/**
 * Element i is the exclusive or of both words of block i, whatever the size of the draw.
 * Source: jax/_src/random/threefry2x32.py `_threefry_random_bits_partitionable`.
 */
const eachPartitionable = ({ words }: Key, size: number, visit: Visit): void => {
  const first = new Uint32Array(Math.min(CHUNK, size));
  const second = new Uint32Array(first.length);
  for (let offset = 0; offset < size; offset += CHUNK) {
    const count = Math.min(CHUNK, size - offset);
    // CHUNK divides 2^32, so the high counter word is the same throughout a chunk.
    const high = Math.floor(offset / 2 ** 32);
    threefry2x32(words, { high, highStep: 0, low: offset }, count, first, second);
    for (let i = 0; i < count; i++) first[i] ^= second[i];
    visit(first, offset, count);
  }
};

/**
 * Block i gives element i and element half + i, half = ⌈size / 2⌉; an odd draw's last counter is 0.
 * Source: jax/_src/random/threefry2x32.py `_threefry_random_bits_original`, `threefry_2x32`.
 */
const eachLegacy = ({ words }: Key, size: number, visit: Visit): void => {
  if (size >= 2 ** 32) throw new RangeError(`a legacy draw holds fewer than 2^32 words, got ${size}`);
  const half = Math.ceil(size / 2);
  const first = new Uint32Array(Math.min(CHUNK, half));
  const second = new Uint32Array(first.length);
  const last0 = new Uint32Array(1);
  const last1 = new Uint32Array(1);
  for (let offset = 0; offset < half; offset += CHUNK) {
    const count = Math.min(CHUNK, half - offset);
    threefry2x32(words, { high: offset, highStep: 1, low: half + offset }, count, first, second);
    if (offset + count > size - half) {
      threefry2x32(words, { high: half - 1, highStep: 0, low: 0 }, 1, last0, last1);
      first[count - 1] = last0[0];
    }
    visit(first, offset, count);
    const paired = Math.min(count, size - half - offset);
    if (paired > 0) visit(second, half + offset, paired);
  }
};

/** Visits the random words of a draw chunk by chunk; the buffer is reused, so nothing may keep it. */
export const eachChunk = (key: Key, size: number, visit: Visit): void =>
  (key.mode === 'partitionable' ? eachPartitionable : eachLegacy)(key, size, visit);

/** All 32-bit words of a draw of `size` words. */
export const randomWords = (key: Key, size: number): Uint32Array => {
  const out = new Uint32Array(size);
  eachChunk(key, size, (words, offset, count) => out.set(words.subarray(0, count), offset));
  return out;
};

/** Number of elements of a draw's shape. @throws RangeError when a dimension is not a count */
export const drawSize = (shape: Shape): number => {
  shape.forEach((n, axis) => expectCount(`dimension ${axis} of shape [${shape.join(', ')}]`, n));
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
  if (width === 32) return array(shape, 'uint32', randomWords(key, size));
  return array(shape, width === 8 ? 'uint8' : 'uint16', narrow(key, size, width));
}
