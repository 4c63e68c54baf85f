/**
 * Open keys: keys whose words are not known yet, because they are inputs of a program that is being written down. They
 * split and fold as other keys do, by operations that the program records; nothing can be drawn from them on the host.
 */
/** The words of a key inside of a program. */
export interface OpenWords {
  readonly split: (count: number, mode: 'partitionable' | 'legacy') => readonly OpenWords[];
  readonly foldIn: (data: number) => OpenWords;
}

/** One of the two words. It stands in the place of a number, and is an error where a number is needed. */
class OpenWord {
  constructor(readonly words: OpenWords) {}

  valueOf(): number {
    throw new Error(
      'the words of this random key are not known while a program is written down: draw by bernoulliTensor or ' +
        'uniformTensor, which the program records',
    );
  }
}

/** Open words in the places of the two numbers of a key. */
export const inPlaceOfWords = (words: OpenWords): readonly [number, number] => {
  const word = new OpenWord(words) as unknown as number;
  return [word, word];
};

/** The words of an open key; undefined for a key of numbers. */
export const openWords = (words: ArrayLike<unknown>): OpenWords | undefined =>
  words[0] instanceof OpenWord ? words[0].words : undefined;
