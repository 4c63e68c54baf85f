/** Tokenizers: texts as the ids that a language model takes, and back; bytes and pieces of words alike. */
export interface Tokenizer {
  /** Number of ids. */
  readonly vocabSize: number;
  /** The id that fills places after the text. */
  readonly pad: number;
  /** The id in the place of a missing token. */
  readonly mask: number;
  /** Ids of a text, without any before or after it. */
  readonly encode: (text: string) => Int32Array;
  /** The text of ids. @throws RangeError when an id is not in the vocabulary */
  readonly decode: (ids: ArrayLike<number>) => string;
}
