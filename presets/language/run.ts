/**
 * A text with missing bytes to the text filled in.
 */
import * as E from 'fp-ts/lib/Either.js';
import { int32, type HostArray } from '../../lib/data/array.js';
import { bytesTokenizer, specialTokens } from '../../modules/bytesTokenizer.js';
import type { Tokenizer } from '../../modules/tokenizer.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import type { ModelOf, Run } from '../preset.js';
import { softmax } from '../classes.js';
import type { LanguageConfig, LanguageNetwork } from './network.js';

/** A text with blanks. */
export interface Blanks {
  readonly text: string;
  /** The character that stands for one missing byte; `_` if not given. Letters beyond ASCII take several bytes. */
  readonly blank?: string;
  /** The number of bytes that are proposed for each blank; 5 if not given. */
  readonly top?: number;
}

/** A byte that a model proposes for a blank. */
export interface ByteGuess {
  /** In [0, 255]. */
  readonly byte: number;
  /** In [0, 1]; all tokens together have 1. */
  readonly probability: number;
}

/** Neighbouring blanks, filled in with bytes, or with pieces of words. */
export interface FilledSpan<G = ByteGuess> {
  /** Position of the span's first token in the text: in bytes, or in pieces. */
  readonly start: number;
  readonly text: string;
  /** The probability of each of the span's tokens. */
  readonly probabilities: readonly number[];
  /** The likeliest tokens of each blank, the likeliest first. */
  readonly likeliest: readonly (readonly G[])[];
}

export interface FilledText<G = ByteGuess> {
  /** Ids of the text's tokens. */
  readonly ids: readonly number[];
  readonly text: string;
  readonly spans: readonly FilledSpan<G>[];
}

type LanguageModel = ModelOf<LanguageConfig, LanguageNetwork, Blanks, FilledText>;

const special = Object.keys(specialTokens).length;

/** Ids of a text, a mask token for each blank; the parts between blanks are encoded each by itself. */
export const tokenize = (
  { text, blank = '_' }: Blanks,
  { mask, encode }: Pick<Tokenizer, 'mask' | 'encode'> = bytesTokenizer,
): number[] => text.split(blank).flatMap((part, i) => [...(i ? [mask] : []), ...encode(part)]);

/** The ids of a text with blanks. @param what the name of a token in errors */
export const checkBlanks = (
  blanks: Blanks,
  { maxLength }: Pick<LanguageConfig, 'maxLength'>,
  what = 'byte',
  tokenizer: Pick<Tokenizer, 'mask' | 'encode'> = bytesTokenizer,
): E.Either<InputError, readonly number[]> => {
  const { text, blank = '_' } = blanks;
  if (typeof text !== 'string') return inputError('the text', String(text), 'a string');
  if (typeof blank !== 'string') return inputError('the blank', String(blank), 'one character');
  const ids = tokenize(blanks, tokenizer);
  if ([...blank].length !== 1) return inputError('the blank', `'${blank}'`, 'one character');
  if (ids.length > maxLength) return inputError('the text', `${ids.length} ${what}s`, `at most ${maxLength}`);
  return ids.includes(tokenizer.mask)
    ? E.right(ids)
    : inputError('the text', 'no blank', `a '${blank}' for each missing ${what}`);
};

/** Ids padded to the model's length, and the mask of the text's places. */
export const pad = (
  ids: readonly number[],
  maxLength: number,
  padId: number = specialTokens.pad,
): [ids: HostArray, mask: HostArray] => {
  const rest = maxLength - ids.length;
  return [
    int32([1, maxLength], [...ids, ...Array<number>(rest).fill(padId)]),
    int32([1, maxLength], [...ids.map(() => 1), ...Array<number>(rest).fill(0)]),
  ];
};

/** Tokens that fill blanks. */
interface Filling<G> {
  readonly vocabSize: number;
  readonly mask: number;
  readonly decode: (ids: readonly number[]) => string;
  /** A token as a proposal; undefined for ids that fill no blank. */
  readonly guessOf: (id: number) => Omit<G, 'probability'> | undefined;
}

/** Fills the blanks with their likeliest tokens. */
export const fillWith = <G extends { readonly probability: number }>(
  { vocabSize, mask, decode, guessOf }: Filling<G>,
  ids: readonly number[],
  logits: Float32Array,
  top: number,
): FilledText<G> => {
  const filled = [...ids];
  const spans: { start: number; likeliest: (readonly G[])[] }[] = [];
  ids.forEach((id, position) => {
    if (id !== mask) return;
    const scores = softmax(logits.subarray(position * vocabSize, (position + 1) * vocabSize));
    const guesses = Array.from(scores, (probability, token) => ({ token, probability }))
      .sort((a, b) => b.probability - a.probability || a.token - b.token)
      .flatMap(({ token, probability }) => {
        const guess = guessOf(token);
        return guess === undefined ? [] : [{ token, guess: { ...guess, probability } as G }];
      })
      .slice(0, Math.max(1, top));
    filled[position] = guesses[0].token;
    const likeliest = guesses.map(({ guess }) => guess);
    const last = spans[spans.length - 1];
    if (last && last.start + last.likeliest.length === position) last.likeliest.push(likeliest);
    else spans.push({ start: position, likeliest: [likeliest] });
  });
  return {
    ids: filled,
    text: decode(filled),
    spans: spans.map(({ start, likeliest }) => ({
      start,
      text: decode(filled.slice(start, start + likeliest.length)),
      probabilities: likeliest.map(([first]) => first.probability),
      likeliest,
    })),
  };
};

/** Fills the blanks with their likeliest bytes; special tokens are left out. */
export const fillIn = (
  ids: readonly number[],
  logits: Float32Array,
  vocabSize: number,
  top = 5,
): FilledText => {
  const guessOf = (id: number) => (id < special ? undefined : { byte: id - special });
  const { mask, decode } = bytesTokenizer;
  return fillWith<ByteGuess>({ vocabSize, mask, decode, guessOf }, ids, logits, top);
};

/**
 * A text with blanks to the text filled in. Each blank gets its likeliest byte, independently of the others.
 * Source: DeepMind's masked language modelling colab.
 */
export const fillMask =
  ({ config, network }: LanguageModel): Run<Blanks, FilledText> =>
  (runner, blanks) =>
  async () => {
    const checked = checkBlanks(blanks, config);
    if (E.isLeft(checked)) return checked;
    const { maxLength, vocabSize } = config;
    const logits = await runner.run(network, pad(checked.right, maxLength));
    return E.right(fillIn(checked.right, logits.data as Float32Array, vocabSize, blanks.top));
  };
