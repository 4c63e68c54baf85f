/**
 * Whole-word masking: words of a text are chosen at random and all of their tokens are masked, until a share of the text
 * is. A word is a run of tokens that are no separators, up to the next token that begins a word.
 */
import { expectKnown } from '../../data/nearest.js';
import { type HostArray, float32, int32 } from '../../data/array.js';
import { type Key, permutation } from '../../random/index.js';

export interface MaskWordsOptions {
  /** Tells whether a token stands between words: spaces, line ends, padding. */
  readonly isSeparator: (id: number) => boolean;
  /** Tells whether a token begins a word, also behind another word: pieces that begin with ▁. No token does if not given. */
  readonly beginsWord?: (id: number) => boolean;
  /** The token in the place of masked ones. */
  readonly maskId: number;
  /** The share of the tokens in words that is masked, in (0, 1]; 0.15 if not given. */
  readonly share?: number;
}

/** A masked text. */
export interface MaskedText {
  /** [T] int32 */
  readonly ids: HostArray<'int32'>;
  /** [T] float32, 1 = the token was masked. */
  readonly isMasked: HostArray<'float32'>;
}

/** The words of a text: first token, and the one behind the last. */
const wordsOf = (
  ids: ArrayLike<number>,
  { isSeparator, beginsWord = () => false }: Pick<MaskWordsOptions, 'isSeparator' | 'beginsWord'>,
): readonly (readonly [start: number, end: number])[] => {
  const words: [number, number][] = [];
  let start = -1;
  for (let i = 0; i <= ids.length; i++) {
    const isIn = i < ids.length && !isSeparator(ids[i]);
    if (start >= 0 && (!isIn || beginsWord(ids[i]))) {
      words.push([start, i]);
      start = -1;
    }
    if (isIn && start < 0) start = i;
  }
  return words;
};

/**
 * A text with whole words masked. Words are taken in a random order while they fit into the share; the first one is
 * masked whatever its length, so that every text with a word teaches something.
 * @throws RangeError for a share that is not in (0, 1]
 * Source: arXiv:2107.14795, section 4.1 and table 12 (whole words, 15 %). Every masked token becomes the mask token: our
 *   choice, the paper says nothing of others.
 */
export const maskWords = (ids: ArrayLike<number>, key: Key, options: MaskWordsOptions): MaskedText => {
  const { isSeparator, beginsWord, maskId, share = 0.15 } = options;
  expectKnown('maskWords', options, ['isSeparator', 'beginsWord', 'maskId', 'share']);
  if (!(share > 0 && share <= 1))
    throw new RangeError(`maskWords: share is ${share}, expected a number above 0, at most 1`);
  const words = wordsOf(ids, { isSeparator, beginsWord });
  const all = words.reduce((sum, [start, end]) => sum + end - start, 0);
  const budget = Math.round(share * all);
  const [masked, flags] = [Int32Array.from(ids), new Float32Array(ids.length)];
  let used = 0;
  const order = words.length > 0 ? permutation(key, words.length).data : [];
  for (const n of order) {
    const [start, end] = words[n];
    if (used > 0 && used + end - start > budget) continue;
    masked.fill(maskId, start, end);
    flags.fill(1, start, end);
    used += end - start;
    if (used >= budget) break;
  }
  return { ids: int32([ids.length], masked), isMasked: float32([ids.length], flags) };
};
