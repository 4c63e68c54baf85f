/**
 * Text as token ids: its UTF-8 bytes, after six ids with meanings of their own.
 * Source: bytes_tokenizer.py `BytesTokenizer`.
 */

import { expectIdsIn } from '../lib/data/ids.js';
import type { Tokenizer } from './tokenizer.js';

/** Ids that are no bytes. */
export const specialTokens = { pad: 0, bos: 1, eos: 2, mask: 3, cls: 4, sep: 5 } as const;

const numSpecial = Object.keys(specialTokens).length;

/** Number of ids: six special ones and 256 bytes. */
export const vocabSize = numSpecial + 256;

/**
 * Ids of a text's UTF-8 bytes, or of bytes: byte + 6. What is no character (half of a surrogate pair) is encoded as
 * the replacement character U+FFFD.
 * @example encode('hi') // Int32Array [110, 111]
 */
export const encode = (text: string | Uint8Array): Int32Array => {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return Int32Array.from(bytes, (byte) => byte + numSpecial);
};

/**
 * The text of ids; special ids are left out, and bytes that are not UTF-8 become U+FFFD.
 * @throws RangeError when an id is not in the vocabulary
 */
export const decode = (ids: ArrayLike<number>): string => {
  const all = Array.from(ids);
  expectIdsIn(vocabSize, all);
  const bytes = all.filter((id) => id >= numSpecial).map((id) => id - numSpecial);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
};

/** The tokenizer of the published language models. */
export const bytesTokenizer = { ...specialTokens, vocabSize, encode, decode } as const satisfies Tokenizer;
