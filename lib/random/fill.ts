/**
 * Filling arrays with draws of bits, uniform and normal floats. It is done in JavaScript until an engine that runs
 * takes over; both give the same bits for the same key.
 */
import { type Distribution, write } from './distribution.js';
import { type Key } from './key.js';
import { eachChunk } from './words.js';

/** A way to fill arrays of any length, 0 included. */
export interface Filler {
  /** The words themselves. */
  readonly words: (key: Key, out: Uint32Array) => void;
  readonly floats: (key: Key, out: Float32Array, distribution: Distribution) => void;
}

/** The filler in JavaScript, which defines the results. */
export const javaScript: Filler = {
  words: (key, out) =>
    eachChunk(key, out.length, (words, offset, count) => out.set(words.subarray(0, count), offset)),
  floats: (key, out, distribution) =>
    eachChunk(key, out.length, (words, from, count) => write({ words, count, from }, distribution, out)),
};

let filler = javaScript;

/** Sets the filler that is used from now on. Fillers differ in their speed alone. */
export const fillBy = (other: Filler): void => {
  filler = other;
};

/** @throws RangeError when a legacy draw is longer than its counters reach */
const expectCountable = ({ mode }: Key, { length }: { readonly length: number }): void => {
  if (mode === 'legacy' && length >= 2 ** 32)
    throw new RangeError(`a legacy draw holds fewer than 2^32 words, got ${length}`);
};

/** Fills an array with the random words of a key. */
export const fillWords = (key: Key, out: Uint32Array): void => {
  expectCountable(key, out);
  filler.words(key, out);
};

/** Fills an array with floats that a distribution makes of a key's random words. */
export const fillFloats = (key: Key, out: Float32Array, distribution: Distribution): void => {
  expectCountable(key, out);
  filler.floats(key, out, distribution);
};
