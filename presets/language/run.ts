/**
 * A text with missing bytes to the text filled in.
 */
import { either as E } from 'fp-ts';
import { int32, type HostArray } from '../../lib/data/array.js';
import { bytesTokenizer, specialTokens } from '../../modules/bytesTokenizer.js';
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

/** Neighbouring blanks, filled in. */
export interface FilledSpan {
  /** Position of the span's first byte in the text, in bytes. */
  readonly start: number;
  readonly text: string;
  /** The probability of each of the span's bytes. */
  readonly probabilities: readonly number[];
  /** The likeliest bytes of each blank, the likeliest first. */
  readonly likeliest: readonly (readonly ByteGuess[])[];
}

export interface FilledText {
  /** Ids of the text's bytes. */
  readonly ids: readonly number[];
  readonly text: string;
  readonly spans: readonly FilledSpan[];
}

type LanguageModel = ModelOf<LanguageConfig, LanguageNetwork, Blanks, FilledText>;

const special = Object.keys(specialTokens).length;

/** Ids of a text, a mask token for each blank. */
export const tokenize = ({ text, blank = '_' }: Blanks): number[] =>
  text
    .split(blank)
    .flatMap((part, i) => [...(i ? [specialTokens.mask] : []), ...bytesTokenizer.encode(part)]);

const check = (blanks: Blanks, { maxLength }: LanguageConfig): E.Either<InputError, readonly number[]> => {
  const { text, blank = '_' } = blanks;
  if (typeof text !== 'string') return inputError('the text', String(text), 'a string');
  if (typeof blank !== 'string') return inputError('the blank', String(blank), 'one character');
  const ids = tokenize(blanks);
  if ([...blank].length !== 1) return inputError('the blank', `'${blank}'`, 'one character');
  if (ids.length > maxLength) return inputError('the text', `${ids.length} bytes`, `at most ${maxLength}`);
  return ids.includes(specialTokens.mask)
    ? E.right(ids)
    : inputError('the text', 'no blank', `a '${blank}' for each missing byte`);
};

/** Ids padded to the model's length, and the mask of the text's places. */
export const pad = (ids: readonly number[], maxLength: number): [ids: HostArray, mask: HostArray] => {
  const rest = maxLength - ids.length;
  return [
    int32([1, maxLength], [...ids, ...Array<number>(rest).fill(specialTokens.pad)]),
    int32([1, maxLength], [...ids.map(() => 1), ...Array<number>(rest).fill(0)]),
  ];
};

/** The likeliest bytes at a position, the likeliest first; special tokens are left out. */
const likeliestAt = (
  logits: Float32Array,
  position: number,
  vocabSize: number,
  count: number,
): readonly ByteGuess[] => {
  const scores = softmax(logits.subarray(position * vocabSize, (position + 1) * vocabSize));
  return Array.from(scores.subarray(special), (probability, byte) => ({ byte, probability }))
    .sort((a, b) => b.probability - a.probability || a.byte - b.byte)
    .slice(0, count);
};

/** Fills the blanks with their likeliest bytes. */
export const fillIn = (
  ids: readonly number[],
  logits: Float32Array,
  vocabSize: number,
  top = 5,
): FilledText => {
  const filled = [...ids];
  const spans: { start: number; likeliest: (readonly ByteGuess[])[] }[] = [];
  ids.forEach((id, position) => {
    if (id !== specialTokens.mask) return;
    const likeliest = likeliestAt(logits, position, vocabSize, Math.max(1, top));
    filled[position] = likeliest[0].byte + special;
    const last = spans[spans.length - 1];
    if (last && last.start + last.likeliest.length === position) last.likeliest.push(likeliest);
    else spans.push({ start: position, likeliest: [likeliest] });
  });
  return {
    ids: filled,
    text: bytesTokenizer.decode(filled),
    spans: spans.map(({ start, likeliest }) => ({
      start,
      text: bytesTokenizer.decode(filled.slice(start, start + likeliest.length)),
      probabilities: likeliest.map(([first]) => first.probability),
      likeliest,
    })),
  };
};

/**
 * A text with blanks to the text filled in. Each blank gets its likeliest byte, independently of the others.
 * Source: DeepMind's masked language modelling colab.
 */
export const fillMask =
  ({ config, network }: LanguageModel): Run<Blanks, FilledText> =>
  (runner, blanks) =>
  async () => {
    const checked = check(blanks, config);
    if (E.isLeft(checked)) return checked;
    const { maxLength, vocabSize } = config;
    const logits = await runner.run(network, pad(checked.right, maxLength));
    return E.right(fillIn(checked.right, logits.data as Float32Array, vocabSize, blanks.top));
  };
