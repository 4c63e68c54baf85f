/**
 * Mutants by number: the same number of the same format is the same file on every machine. Every second one is a good
 * file cut short, until all small ones were cut at every byte; the others are made by chance.
 */
import { corpora, type FuzzFormat } from './corpus.js';
import { Random } from './random.js';

const longestCut = 2048;

const cutSeeds = (format: FuzzFormat): readonly Uint8Array[] =>
  corpora[format].seeds.filter(({ length }) => length <= longestCut);

/** The number of mutants of a format that are files cut short. */
export const cutCount = (format: FuzzFormat): number =>
  cutSeeds(format).reduce((sum, { length }) => sum + length, 0);

/** A prime, so that the first few cuts are spread over all files. */
const stride = 99_991;

const cutOf = (format: FuzzFormat, number: number): Uint8Array => {
  let place = (number * stride) % cutCount(format);
  for (const seed of cutSeeds(format)) {
    if (place < seed.length) return seed.slice(0, place);
    place -= seed.length;
  }
  throw new RangeError(`no cut ${number} of ${format}`);
};

/** The mutant of a number. */
export const mutantOf = (format: FuzzFormat, number: number): Uint8Array => {
  if (number % 2 === 0 && number / 2 < cutCount(format)) return cutOf(format, number / 2);
  const { seeds, mutations } = corpora[format];
  const random = new Random(seedOf(format, number));
  // A copy, so that the allocation that views stand for is the mutant's own.
  return random.pick(mutations)(random, random.pick(seeds), seeds).slice();
};

/** Numbers that lie beside each other begin random numbers that have nothing to do with each other. */
const seedOf = (format: FuzzFormat, number: number): number => {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${format} ${number}`))
    hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
};
