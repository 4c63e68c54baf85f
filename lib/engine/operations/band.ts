/**
 * The band of keys that a query may see by position alone: causal attention, aligned at the end when queries are fewer
 * than keys, with or without a window.
 */
import type { Span } from '../../data/spans.js';

/** Order of queries and keys. */
export interface Order {
  /** True where a query sees the keys up to its own place alone; the last query's place is the last key. */
  readonly causal?: boolean;
  /** Number of keys that a causal query sees at most: its own place and those before it. All of them if not given. */
  readonly window?: number;
}

/** Query i sees key j where 0 ≤ i + diagonal − j < window. */
export interface Band {
  readonly diagonal: number;
  readonly window: number;
}

/** The band of T queries and S keys; undefined where every query sees every key. */
export const bandOf = (
  { causal, window = Infinity }: Order,
  queries: number,
  keys: number,
): Band | undefined => (causal ? { diagonal: keys - queries, window } : undefined);

/** Those of `keys` keys that at least one query of a span sees. */
export const keysSeen = (band: Band | undefined, [first, size]: Span, keys: number): Span => {
  if (!band) return [0, keys];
  const start = Math.min(keys, Math.max(0, first + band.diagonal - band.window + 1));
  const end = Math.min(keys, first + size + band.diagonal);
  return [start, Math.max(0, end - start)];
};

/** The band of some of the queries and keys, counted from the first of them. */
export const shiftBand = (band: Band | undefined, firstQuery: number, firstKey: number): Band | undefined =>
  band && { ...band, diagonal: band.diagonal + firstQuery - firstKey };

/** True where each of so many queries sees each of so many keys. */
export const isWhole = (band: Band | undefined, queries: number, keys: number): boolean =>
  !band || (keys - 1 <= band.diagonal && queries - 1 + band.diagonal < band.window);

/** True where each query sees at least one key. */
export const everyQuerySees = (band: Band | undefined, queries: number, keys: number): boolean =>
  !band || (band.diagonal >= 0 && queries - 1 + band.diagonal - band.window < keys - 1);

/** Pairs of a query and a key that it sees. */
export const pairsSeen = (band: Band | undefined, queries: number, keys: number): number => {
  if (!band) return queries * keys;
  let pairs = 0;
  for (let query = 0; query < queries; query++) pairs += keysSeen(band, [query, 1], keys)[1];
  return pairs;
};

/** The band as bytes [T, S], 1 = sees. */
export const bandBytes = (band: Band, queries: number, keys: number): Uint8Array => {
  const bytes = new Uint8Array(queries * keys);
  for (let query = 0; query < queries; query++) {
    const [start, size] = keysSeen(band, [query, 1], keys);
    bytes.fill(1, query * keys + start, query * keys + start + size);
  }
  return bytes;
};
