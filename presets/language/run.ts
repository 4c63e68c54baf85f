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
}

/** Neighbouring blanks, filled in. */
export interface FilledSpan {
  /** Position of the span's first byte in the text, in bytes. */
  readonly start: number;
  readonly text: string;
  /** The probability of each of the span's bytes. */
  readonly probabilities: readonly number[];
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

const check = (
  blanks: Blanks,
  ids: readonly number[],
  { maxLength }: LanguageConfig,
): E.Either<InputError, readonly number[]> => {
  const { blank = '_' } = blanks;
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

/** The likeliest byte at a position; special tokens are left out. */
const likeliest = (
  logits: Float32Array,
  position: number,
  vocabSize: number,
): { id: number; probability: number } => {
  const scores = softmax(logits.subarray(position * vocabSize, (position + 1) * vocabSize));
  const bytes = scores.subarray(special);
  const byte = bytes.indexOf(Math.max(...bytes));
  return { id: byte + special, probability: bytes[byte] };
};

/** Fills the blanks with their likeliest bytes. */
export const fillIn = (ids: readonly number[], logits: Float32Array, vocabSize: number): FilledText => {
  const filled = [...ids];
  const spans: { start: number; ids: number[]; probabilities: number[] }[] = [];
  ids.forEach((id, position) => {
    if (id !== specialTokens.mask) return;
    const found = likeliest(logits, position, vocabSize);
    filled[position] = found.id;
    const last = spans[spans.length - 1];
    const open = last && last.start + last.ids.length === position ? last : undefined;
    const span = open ?? { start: position, ids: [], probabilities: [] };
    if (!open) spans.push(span);
    span.ids.push(found.id);
    span.probabilities.push(found.probability);
  });
  return {
    ids: filled,
    text: bytesTokenizer.decode(filled),
    spans: spans.map(({ start, ids, probabilities }) => ({
      start,
      text: bytesTokenizer.decode(ids),
      probabilities,
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
    const checked = check(blanks, tokenize(blanks), config);
    if (E.isLeft(checked)) return checked;
    const { maxLength, vocabSize } = config;
    const logits = await runner.run(network, pad(checked.right, maxLength));
    return E.right(fillIn(checked.right, logits.data as Float32Array, vocabSize));
  };
