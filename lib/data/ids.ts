/** Ids of a vocabulary: whole numbers from 0 up to, not including, its size. */

/** @throws RangeError when an id is outside of the vocabulary, with its place */
export const expectIdsIn = (vocabSize: number, ids: ArrayLike<number>): void => {
  for (let index = 0; index < ids.length; index++) {
    const id = ids[index];
    if (!(Number.isInteger(id) && id >= 0 && id < vocabSize))
      throw new RangeError(`id ${id} at index ${index} is not in a vocabulary of ${vocabSize}`);
  }
};
