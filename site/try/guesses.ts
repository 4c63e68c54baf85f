/** The language model's guesses for each masked byte, likeliest first, and the characters that those bytes make. */
import { bytesTokenizer, specialTokens } from '../../modules/bytesTokenizer.js';
import { softmax } from '../../presets/classes.js';
import type { MaskedText, Tokens } from './maskedText.js';

/** A byte that may stand in a blank. */
export interface Guess {
  readonly id: number;
  readonly probability: number;
}

/** A blank character, filled. */
export interface Filled {
  /** The index of the character in the text. */
  readonly index: number;
  /** The character that is filled in. */
  readonly text: string;
  /** The model's probability for all bytes of the character together. */
  readonly probability: number;
  /** The likeliest bytes for each of its bytes. */
  readonly guesses: readonly (readonly Guess[])[];
}

const numSpecial = Object.keys(specialTokens).length;

/** The likeliest bytes of a position; special tokens are not asked. */
export const likeliest = (logits: Float32Array, count: number): readonly Guess[] =>
  Array.from(softmax(logits), (probability, id) => ({ id, probability }))
    .slice(numSpecial)
    .sort((a, b) => b.probability - a.probability || a.id - b.id)
    .slice(0, count);

/**
 * The blanks of a text, filled, each byte with its likeliest on its own.
 * @param spans   which bytes are each character's
 * @param logits  [maxLength, vocabSize]
 */
export const fillBlanks = (
  text: MaskedText,
  { spans }: Pick<Tokens, 'spans'>,
  logits: Float32Array,
  count = 5,
): readonly Filled[] => {
  const { vocabSize } = bytesTokenizer;
  return text.flatMap(({ isBlank }, index) => {
    if (!isBlank) return [];
    const { start, length } = spans[index];
    const guesses = Array.from({ length }, (_, i) =>
      likeliest(logits.subarray((start + i) * vocabSize, (start + i + 1) * vocabSize), count),
    );
    return [
      {
        index,
        text: bytesTokenizer.decode(guesses.map(([{ id }]) => id)),
        probability: guesses.reduce((product, [{ probability }]) => product * probability, 1),
        guesses,
      },
    ];
  });
};

/** Bytes that nobody sees, and what they are called. */
const names: Readonly<Record<string, string>> = { ' ': 'space', '\n': 'new line', '\t': 'tab' };

/** A character as people read it. */
export const nameOf = (text: string): string => names[text] ?? text;

/** A byte as people read it: its character, or its number where it is a part of one. */
export const nameOfByte = (id: number): string => {
  const byte = id - numSpecial;
  return byte > 32 && byte < 127
    ? String.fromCharCode(byte)
    : (names[String.fromCharCode(byte)] ?? `byte ${byte}`);
};
