/**
 * Open keys: keys whose words are not known yet, because they are inputs of a program that is being written down. They
 * split and fold as other keys do, by operations that the program records; what is drawn from them are open arrays.
 */
import type { DType, HostArray, Shape } from '../data/array.js';
import type { Distribution } from './distribution.js';

/** A draw that a program records. */
export type OpenDraw =
  | { readonly kind: 'bits'; readonly shape: Shape; readonly width: 8 | 16 | 32 }
  | { readonly kind: 'floats'; readonly shape: Shape; readonly distribution: Distribution }
  | { readonly kind: 'bernoulli'; readonly shape: Shape; readonly p: number }
  | { readonly kind: 'gumbel'; readonly shape: Shape }
  | {
      readonly kind: 'randint';
      readonly shape: Shape;
      readonly min: number;
      /** Numbers to choose from, a uint32, and 2³² modulo it. */
      readonly span: number;
      readonly multiplier: number;
    }
  /** 0..length, sorted by random words so many times. */
  | { readonly kind: 'order'; readonly length: number; readonly rounds: number };

type Mode = 'partitionable' | 'legacy';

/** The words of a key inside of a program. */
export interface OpenWords {
  readonly split: (count: number, mode: Mode) => readonly OpenWords[];
  readonly foldIn: (data: number) => OpenWords;
  readonly draw: (draw: OpenDraw, mode: Mode) => HostArray;
}

/** One of the two words. It stands in the place of a number, and is an error where a number is needed. */
class OpenWord {
  constructor(readonly words: OpenWords) {}

  valueOf(): number {
    throw new Error(
      'the words of this random key are not known while the function is written down: split it, fold numbers into it, ' +
        "or draw by 'renga/random' and make the draw a tensor by toTensor(…)",
    );
  }
}

/** Open words in the places of the two numbers of a key. */
export const inPlaceOfWords = (words: OpenWords): readonly [number, number] => {
  const word = new OpenWord(words) as unknown as number;
  return [word, word];
};

/**
 * The words of an open key; undefined for a key of numbers.
 * @throws TypeError where there are none, as in a key that has still to be made
 */
export const openWords = (words: ArrayLike<unknown> | undefined): OpenWords | undefined => {
  if (words === undefined || words === null)
    throw new TypeError(
      'found no random key in the place of one, expected a key, such as key(0), or in a layer s.key()(): s.key() takes its ' +
        'turn, and calling what it gives makes the key',
    );
  return words[0] instanceof OpenWord ? words[0].words : undefined;
};

/** A draw from an open key; undefined for a key of numbers. */
export const openDraw = <D extends DType>(
  { mode, words }: { readonly mode: Mode; readonly words: readonly [number, number] },
  draw: OpenDraw,
): HostArray<D> | undefined => openWords(words)?.draw(draw, mode) as HostArray<D> | undefined;
