/**
 * Arrays filled with draws: where words become numbers for bits, uniform and normal draws alike. JavaScript does it
 * anywhere; an engine that runs may do it in its place, with the same bits for the same key.
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

/** Anywhere, and what every other way gives the results of. */
export const javaScript: Filler = {
  words: (key, out) =>
    eachChunk(key, out.length, (words, offset, count) => out.set(words.subarray(0, count), offset)),
  floats: (key, out, distribution) =>
    eachChunk(key, out.length, (words, from, count) => write({ words, count, from }, distribution, out)),
};

let filler = javaScript;

/** Fills in another way from now on. Which way it is changes how long a draw takes, and nothing else. */
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

/** Fills an array with floats that are made of those words. */
export const fillFloats = (key: Key, out: Float32Array, distribution: Distribution): void => {
  expectCountable(key, out);
  filler.floats(key, out, distribution);
};
