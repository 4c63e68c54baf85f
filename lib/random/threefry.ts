/**
 * Threefry-2x32, the block function beneath every random number: two key words and two counter words in, two
 * random words out. The counters of a draw, in JAX's two modes, are in `words.ts`.
 */

/** Threefry's key-schedule parity word. Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3". */
const PARITY = 0x1bd11bda;

/** The start of a run of consecutive blocks: the counter words of block i are (high + i·highStep, low + i). */
export interface Counters {
  readonly high: number;
  readonly highStep: 0 | 1;
  readonly low: number;
}

/**
 * Hashes `count` consecutive blocks, twenty rounds each.
 * @param key the two key words, uint32
 * @param out0 receives the first word of block i at i
 * @param out1 receives the second word of block i at i
 * Source: jax/_src/random/threefry2x32.py `_threefry2x32_lowering`.
 */
export const threefry2x32 = (
  key: readonly [number, number],
  { high, highStep, low }: Counters,
  count: number,
  out0: Uint32Array,
  out1: Uint32Array,
): void => {
  const k0 = key[0] | 0;
  const k1 = key[1] | 0;
  const k2 = k0 ^ k1 ^ PARITY;
  // The key words are added once before the loop, so that a block starts with two additions.
  const start0 = (high + k0) | 0;
  const start1 = (low + k1) | 0;
  for (let i = 0; i < count; i++) {
    let x0 = (start0 + (highStep === 1 ? i : 0)) | 0;
    let x1 = (start1 + i) | 0;

    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    x0 = (x0 + k1) | 0;
    x1 = (x1 + k2 + 1) | 0;

    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
    x0 = (x0 + k2) | 0;
    x1 = (x1 + k0 + 2) | 0;

    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    x0 = (x0 + k0) | 0;
    x1 = (x1 + k1 + 3) | 0;

    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
    x0 = (x0 + k1) | 0;
    x1 = (x1 + k2 + 4) | 0;

    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    out0[i] = x0 + k2;
    out1[i] = x1 + k0 + 5;
  }
};
