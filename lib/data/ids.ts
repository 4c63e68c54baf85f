/** Ids of a vocabulary: whole numbers from 0 up to, not including, its size. */

/** An id that its vocabulary has not. */
interface WrongId {
  readonly id: number;
  readonly index: number;
  readonly vocabSize: number;
  /** The beginning of the sentence, such as `compile: `. */
  readonly where?: string;
  /** The array that the index counts in, such as ` of input 'ids'`. */
  readonly of?: string;
}

export const idError = ({ id, index, vocabSize, where = '', of = '' }: WrongId): RangeError =>
  new RangeError(`${where}id ${id} at index ${index}${of} is not in a vocabulary of ${vocabSize}`);

/** @throws RangeError when an id is outside of the vocabulary, with its place */
export const expectIdsIn = (vocabSize: number, ids: ArrayLike<number>): void => {
  for (let index = 0; index < ids.length; index++) {
    const id = ids[index];
    if (!(Number.isInteger(id) && id >= 0 && id < vocabSize)) throw idError({ id, index, vocabSize });
  }
};
