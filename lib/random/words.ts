/**
 * Random words: the counters that a draw of n elements hashes, in both of JAX's modes. Words are made a few thousand at a
 * time, so that a large draw needs no large temporary.
 */
import { type Key } from './key.js';
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
