/**
 * A text with blanks, as people type and click it and as the model takes it: characters on one side, bytes on the
 * other. Nothing here knows of pages.
 */
import { bytesTokenizer, specialTokens } from '../../modules/bytesTokenizer.js';

/** One character; a blank one is for the model to fill. */
export interface Character {
  readonly text: string;
  readonly isBlank: boolean;
}

export type MaskedText = readonly Character[];

/** The character that people type for a blank. */
export const blank = '_';

const character = (text: string): Character => ({ text, isBlank: text === blank });

/** Ids of a character's bytes, each of them masked where it is blank. */
const idsOf = ({ text, isBlank }: Character): readonly number[] =>
  isBlank
    ? Array<number>(text === blank ? 1 : bytesTokenizer.encode(text).length).fill(specialTokens.mask)
    : Array.from(bytesTokenizer.encode(text));

/** A text's ids, and which of them are each character's. */
export interface Tokens {
  readonly ids: readonly number[];
  readonly spans: readonly { readonly start: number; readonly length: number }[];
}

/** Ids of a whole text. */
export const tokenize = (text: MaskedText): Tokens => {
  const parts = text.map(idsOf);
  let start = 0;
  const spans = parts.map(({ length }) => ({ start: (start += length) - length, length }));
  return { ids: parts.flat(), spans };
};

/** The number of bytes of a text, as the model counts them. */
export const numBytes = (text: MaskedText): number => tokenize(text).ids.length;

/** A text as it was typed, a `_` in it a blank. */
export const typed = (text: string): MaskedText => Array.from(text, character);

/** An example in which letters to be blank stand in brackets: `a sm[a]ll plant`. */
export const bracketed = (text: string): MaskedText =>
  text
    .split(/\[([^\]]+)\]/)
    .flatMap((part, i) => typed(part).map((each) => (i % 2 ? { ...each, isBlank: true } : each)));

/** The letters of a text, those that are blank too. */
export const lettersOf = (text: MaskedText): string => text.map((each) => each.text).join('');

const commonStart = (a: MaskedText, b: MaskedText): number => {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) if (a[i].text !== b[i].text) return i;
  return end;
};

/** A text retyped: what stands before and after the change stays as blank as it was. */
export const retyped = (before: MaskedText, text: string): MaskedText => {
  const after = typed(text);
  const start = commonStart(before, after);
  const rest = (all: MaskedText): MaskedText => all.slice(start).reverse();
  const end = commonStart(rest(before), rest(after));
  const middle = after.slice(start, after.length - end);
  return [...before.slice(0, start), ...middle, ...(end ? before.slice(-end) : [])];
};

/** One character made blank, or no longer; a `_` stays one, for there is no letter under it. */
export const toggled = (text: MaskedText, index: number): MaskedText =>
  text.map((each, i) => (i === index && each.text !== blank ? { ...each, isBlank: !each.isBlank } : each));

/** Every letter there as it was typed. */
export const withoutBlanks = (text: MaskedText): MaskedText => text.map(({ text }) => character(text));

/** As many letters blank as there are in seven, at random, never two beside each other. */
export const withRandomBlanks = (text: MaskedText, random: () => number): MaskedText => {
  const letters = text.flatMap(({ text }, i) => (/\p{L}/u.test(text) ? [i] : []));
  const chosen = new Set<number>();
  const wanted = Math.ceil(letters.length / 7);
  const order = letters.map((i) => [random(), i] as const).sort(([a], [b]) => a - b);
  for (const [, i] of order)
    if (chosen.size < wanted && !chosen.has(i - 1) && !chosen.has(i + 1)) chosen.add(i);
  return text.map(({ text }, i) => ({ text, isBlank: text === blank || chosen.has(i) }));
};
